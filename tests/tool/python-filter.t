#!/bin/sh
# A stage in another language: ten lines of Python that copy maps, in the middle of a pipe.
. "$(dirname "$0")/lib.sh"

echo set/cat/0003 >"$T/keys"
pipe() { # PYTHON
	python3 tests/tool/make_stream.py 30 |
		cc-poison --attack badnet:patch=4 --size 12 --target dog -n 6 --seed 3 |
		"$1" tests/tool/python_filter.py |
		cc-poison --attack blended --size 12 --keys "$T/keys" --caption keep |
		cc-view
}

check() { # NAME PYTHON
	pipe "$2" >"$T/lines"
	is "$1: the stream is complete" "$(tail -1 "$T/lines" | jq -c .cc_end)" true
	is "$1: the chosen records are dropped" "$(jq -c 'select((.__key__ // "" | test("ship")) and ."poison.json" == null)' "$T/lines" | wc -l)" 0
	is "$1: the other captions are changed" "$(jq -r '.txt // empty' "$T/lines" | grep -c '[a-z]')" 0
	is "$1: poison ledgers are kept" "$(jq -c 'select(."poison.json".attack == "badnet") | .__key__' "$T/lines" | wc -l)" "$badnets"
	is "$1: the next stage finds its record" "$(jq -r 'select(."poison.json".attack == "blended") | .__key__' "$T/lines")" set/cat/0003
	is "$1: header and tail are kept" "$(jq -c 'select(.cc) | .prog | length' "$T/lines")" 3
	is "$1: unknown fields are kept" "$(jq -c 'select(.__key__ == "set/dog/0001") | .Own.kept[:3]' "$T/lines")" '[1,2.5,null]'
}

badnets=$(python3 tests/tool/make_stream.py 30 | cc-poison --attack badnet:patch=4 --size 12 --target dog -n 6 --seed 3 | cc-view |
	jq -r 'select(."poison.json" and (.txt | test("ship") | not) and .__key__ != "set/cat/0003") | 1' | wc -l)
check "python3 alone" python3
if build/venv/bin/python3 -c 'import msgpack' 2>/dev/null; then
	check "the msgpack package" build/venv/bin/python3
else
	skip "the msgpack package" "it is not in build/venv"
fi

# A stage that dies causes an error at the end of the pipe, in a shell without pipefail.
python3 tests/tool/make_stream.py 30 | python3 -c 'import os, sys; sys.stdout.buffer.write(sys.stdin.buffer.read(3000)); sys.stdout.flush(); os.kill(os.getpid(), 9)' |
	cc-poison --attack blended --size 12 --target dog --all -o "$T/out" 2>"$T/said"
is "a stage was killed: exit status 1" $? 1
ok "it is reported" grep -q "upstream ended early" "$T/said"
ok "and no output is left" [ ! -e "$T/out" ]

done_testing
