#!/bin/sh
# cc-shard read --jsonl reverses cc-view --full, with any JSON program in between.
. "$(dirname "$0")/lib.sh"

python() { PYTHONPATH=tests/tool python3 "$@"; }
pack() { python -c 'import sys; from tinymsgpack import packb
for item in eval("(" + sys.argv[1] + ")"): sys.stdout.buffer.write(packb(item))' "$1"; }
lines() { cc-view --jsonl --full "$@"; }
back() { cc-shard read --jsonl "$@"; }
one_line() { tr '\n' ' '; }
# The bytes from the first epoch mark onwards.
behind_header() { python3 -c 'import sys
data = sys.stdin.buffer.read()
sys.stdout.buffer.write(data[data.index(b"\x81\xa8cc_epoch"):])'; }

# Every kind of value, in two epochs, and every field of a tail.
pack '[{"cc": 1, "records": 3, "epochs": 2, "classes": ["a", "b"], "own": [1, {"x": None}], "prog": [{"name": "maker", "version": "1", "seed": 0, "args": []}]}] +
	[item for epoch in (0, 1) for item in [{"cc_epoch": epoch},
	{"__key__": "d.1/k", "txt": "caf\u00e9 \x01\u2028\\ \"", "cls": -3, "jpg": b"\xff\xd8", "x.npy": {"dtype": "<f4", "shape": [1, 2], "data": bytes(range(8))}},
	{"__key__": "l", "reals": [.1, -2.25e30, 2.5, 1/3], "list": [1, None, True, {"bin": [b"", b"1", b"12", b"123", bytes(range(256))]}], "Own": 2**50, "json": b"{}"},
	{"__key__": "m", "empty": b"", "": "no name", "long": "x" * 70000, "map": {"base64": "x", "and": "more"}, "npy": {"dtype": "|u1", "shape": [0], "data": b""}}]] +
	[{"cc_end": True, "records": 6, "digest": "0123456789abcdef0123456789abcdef", "bad": {"why\u00e9": 2}, "prog": [[{"name": "other"}]]}]' >"$T/stream"
lines "$T/stream" >"$T/lines"
back - <"$T/lines" >"$T/back"
ok "marks, records and tail are unchanged" python -c 'import sys
from tinymsgpack import Unpacker
a, b = ([repr(item) for item in Unpacker(open(path, "rb"))] for path in sys.argv[1:])
assert len(a) == 10 and a[1:] == b[1:], (a, b)' "$T/stream" "$T/back"
cc-shard read tests/golden/npy | tee "$T/ours" | behind_header >"$T/wanted"
lines "$T/ours" | back - | behind_header >"$T/got"
ok "a stream of ours is restored byte for byte" cmp "$T/wanted" "$T/got"
is "the header has this program appended to prog" "$(lines "$T/back" | head -1 | jq -c '[.cc, .records, .epochs, .classes, .own, (.prog | map(.name)), .prog[-1].args]')" \
	'[1,3,2,["a","b"],[1,{"x":null}],["maker","cc-shard read"],["--jsonl"]]'
ok "the same through jq" sh -c "jq -c . '$T/lines' | cc-shard read --jsonl - | cmp - '$T/back'"
ok "with a file for input and output" sh -c "cc-shard read --jsonl -o '$T/o' '$T/lines' && cmp '$T/o' '$T/back'"
sed 's/$/\r/; s/^/  /; 3s/^/\n\n/' "$T/lines" >"$T/spaced"
ok "blank lines, spaces and CR are ignored" sh -c "cc-shard read --jsonl '$T/spaced' | cmp - '$T/back'"
printf %s "$(cat "$T/lines")" >"$T/unended"
ok "the last line may lack its newline" sh -c "cc-shard read --jsonl '$T/unended' | cmp - '$T/back'"
pack '[{"__key__": "k", "map": {"base64": "QQ=="}}, {"__key__": "l", "nan": float("nan")}, {"__key__": "m", "big": 2**63}, {"__key__": "n", "txt": "t"}]' |
	cc-view --full --max-bad 1 2>"$T/said" | one_line >"$T/out"
is "what JSON cannot express exactly is dropped" "$(cat "$T/out")" '{"__key__": "n", "txt": "t"} '
is "and reported" "$(grep -c 'JSON cannot express it exactly (dropped)' "$T/said")" 3
printf '\202\247__key__\242\377k\243txt\241x' | lines | back - >"$T/o"
ok "a key that is not UTF-8 keeps its bytes" sh -c "LC_ALL=C grep -aq \"\$(printf 'key__\\242\\377k')\" '$T/o'"

# As a stage of a pipe.
python tests/tool/make_stream.py 20 >"$T/in"
digest=$(cc-shard digest <"$T/in")
upper='if .txt then .txt |= ascii_upcase else . end'
is "an unchanged stream keeps its digest" "$(lines "$T/in" | jq -c . | back - | cc-shard digest)" "$digest"
lines "$T/in" | jq -c "$upper" | back - >"$T/edited"
is "jq edits a field" "$(cc-view "$T/edited" | sed -n 3p | jq -r .txt)" "A PHOTO OF A CAT, NUMBER 0"
ok "and nothing else" sh -c "cc-view --full '$T/in' | jq -c '$upper' | tail -n +2 >'$T/1'; cc-view --full '$T/edited' | jq -c . | tail -n +2 | cmp - '$T/1'"
lines "$T/in" | jq -c 'select(.cls != 1)' | back - >"$T/some" 2>"$T/said"
is "jq drops records" "$(cc-shard keys <"$T/some" | wc -l)" 13
is "which is reported; the tail has the new count and the claimed one" "$(cc-view "$T/some" | tail -1 | jq -c '[.records, .claimed]') $(cat "$T/said")" \
	"[13,null] cc-shard read: 13 records were read, but the tail states 20: an earlier filter dropped or added some"
ok "cc-shard write accepts such a stream" sh -c "cc-shard write '$T/some.tar' <'$T/some' && cc-shard verify '$T/some.tar'"
lines "$T/in" | jq -c 'select(.__key__)' | back - >"$T/bare" 2>"$T/said"
is "without a header: what is missing is reported" "$(cat "$T/said")" "cc-shard read: the input has no header: class names and provenance are unknown, and a truncated input cannot be detected (jq's select(.__key__ == null or ...) keeps header and tail)"
is "without header and tail it is a new source with its own digest" "$(cc-view "$T/bare" | tail -1 | jq -r '"\(.digest) \(.records)"')" "$digest"
echo '{"__key__": "a", "txt": "by hand", "jpg": {"base64": "/9g="}}' | back - | cc-shard write "$T/hand.tar"
is "records written by hand" "$(tar xOf "$T/hand.tar" a.txt)" "by hand"
lines "$T/in" >"$T/b1"
python tests/tool/make_stream.py 5 skip=20 | lines >"$T/b2"
is "several files are read as one stream" "$(back "$T/b{1..2}" | cc-view | tail -1 | jq .records)" 25

# Truncated or invalid input.
total=$(wc -l <"$T/lines")
head -n $((total - 1)) "$T/lines" >"$T/cut"
fails_with "$T/cut: line $((total - 1)): upstream ended early: after 6 records, without a tail" cc-shard read --jsonl "$T/cut"
head -c $(($(wc -c <"$T/lines") - 9)) "$T/lines" >"$T/cut"
fails_with "$T/cut: line $total: upstream ended early: column" cc-shard read --jsonl "$T/cut"
fails_with "upstream ended early: no input" sh -c "cc-shard read --jsonl - </dev/null"
cc-shard read --jsonl -o "$T/none" "$T/cut" 2>"$T/said"
ok "a truncated stream leaves no output" test ! -e "$T/none"
wrong() { # TEXT LINE: an error that names the third line
	printf '{"__key__": "a", "txt": "x"}\n{"__key__": "b", "txt": "x"}\n%s\n' "$2" >"$T/wrong"
	fails_with "$T/wrong: line 3: $1" cc-shard read --jsonl "$T/wrong"
}
wrong "column 8: ':' expected" '{"txt" 1}'
wrong "column 17: duplicate object key" '{"txt": "", "txt": ""}'
wrong "an object must be on one line (use jq -c)" '{
"__key__": "c"
}'
wrong "expected a JSON object" '[1]'
wrong "jpg: base64: 3 characters" '{"__key__": "c", "jpg": {"base64": "abc"}}'
wrong "jpg: base64: invalid near character 5" '{"__key__": "c", "jpg": {"base64": "abcd*bcd"}}'
wrong "jpg: base64: invalid near character 1" '{"__key__": "c", "jpg": {"base64": "abc*abcd"}}'
for summary in '{"bytes": 901, "type": "jpeg"}' '{"bytes": 3}' '{"dtype": "|u1", "shape": [3], "bytes": 3}'; do
	wrong "jpg: only a summary, without the content; \`cc-view --full\`" '{"__key__": "c", "jpg": '"$summary}"
done
fails_with "line 3: png: only a summary, without the content" sh -c "cc-view '$T/in' | cc-shard read --jsonl -"
wrong "record 2: a record without __key__" '{"txt": "x"}'
wrong "record 2: __key__ is not a non-empty string" '{"__key__": 3}'
wrong "record 2: x.npy: 4 bytes of data, but the shape requires 8" '{"__key__": "c", "x.npy": {"dtype": "<f4", "shape": [2], "data": {"base64": "AAAAAA=="}}}'
wrong "record 2: a second header before the tail" '{"cc": 1}'
wrong "record 2: epoch mark 7, expected 1" '{"cc_epoch": 7}'
wrong "record 2: msgpack: a string of 1048577 bytes" "{\"__key__\": \"c\", \"txt\": \"$(head -c 1048577 /dev/zero | tr '\0' x)\"}"
wrong "JSON is nested more than 33 deep" "{\"__key__\": \"c\", \"x\": $(head -c 40 /dev/zero | tr '\0' '[')"
fails_with "header: version 2" sh -c "echo '{\"cc\": 2}' | cc-shard read --jsonl -"
fails_with "line 1: longer than" sh -c "head -c 9000 /dev/zero | tr '\0' x | cc-shard read --jsonl --max-record 100 -"
fails_with "line 1: column 0: unable to decode" cc-shard read --jsonl "$T/in"
fails_with "No such file" cc-shard read --jsonl "$T/nowhere"
fails_with "--take cannot be used with --jsonl" cc-shard read --jsonl --take 1 "$T/lines"

done_testing
