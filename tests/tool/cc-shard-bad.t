#!/bin/sh
# Hostile or truncated input, a full disk: an error that names the place, exit status 1, and no partial output.
. "$(dirname "$0")/lib.sh"

make() { python3 tests/tool/make_tar.py "$@"; }
pack() { python3 -c 'import sys; sys.path.insert(0, "tests/tool"); from tinymsgpack import packb
for item in eval(sys.argv[1]): sys.stdout.buffer.write(packb(item))' "$1"; }
left() { find "$T/out" -mindepth 1 | wc -l; }
mkdir "$T/out"

make --samples=40 "$T/n.tar"
cc-shard read "$T/n.tar" >"$T/stream"
size=$(wc -c <"$T/stream")

# Truncated streams into every verb that reads one.
for verb in "write $T/out/x.tar" digest keys stat; do
	head -c $((size - 10)) "$T/stream" >"$T/cut"
	fails_with "upstream ended early" sh -c "cc-shard $verb <'$T/cut'"
	fails_with "upstream ended early: no input" sh -c "cc-shard $verb </dev/null"
	fails_with "a container of 4278190080 values" sh -c "printf '\335\377\000\000\000' | cc-shard $verb"
	fails_with "not a map" sh -c "echo garbage | cc-shard $verb"
	fails_with "nested deeper" sh -c "head -c 40 /dev/zero | tr '\000' '\221' | cc-shard $verb"
	fails_with "a string of 4294967295 bytes" sh -c "printf '\202\247__key__\333\377\377\377\377' | cc-shard $verb"
	fails_with "__key__ is not a non-empty string" sh -c "printf '\201\247__key__\001' | cc-shard $verb"
done
is "no temporary file is left" "$(left)" 0
head -c $((size / 2)) "$T/stream" >"$T/cut"
fails_with "upstream ended early" sh -c "cc-shard write --max-count 5 '$T/out/s-%02d.tar' <'$T/cut'"
is "complete shards are kept" "$(for shard in "$T"/out/s-*.tar; do cc-shard verify --subset "$shard" >"$T/.v" || echo "$shard"; done)" ""
is "but no end" "$(cat "$T"/out/s-*.tar | grep -ac __end__)" 0
fails_with "without __end__" cc-shard verify "$T"/out/s-*.tar
is "and no temporary file is left" "$(find "$T/out" -name '*.tmp*' | wc -l)" 0
rm "$T"/out/*
fails_with "the stream's tail states 39" sh -c "{ head -c $((size - 1)) '$T/stream' | sed 's/records(/records\\x27/'; tail -c 1 '$T/stream'; } | LC_ALL=C python3 -c '
import sys
data = sys.stdin.buffer.read()
at = data.rindex(b\"records\") + 7
sys.stdout.buffer.write(data[:at] + bytes([39]) + data[at + 1:])' | cc-shard write '$T/out/x.tar'"
is "a stream that lost records leaves no shard" "$(left)" 0

# A killed upstream: a stage that writes most of a stream, signals it, and waits.
mkfifo "$T/fifo"
start() {
	rm -f "$T/begun"
	python3 -c 'import sys, time
pipe = open(sys.argv[2], "wb", 0)
pipe.write(open(sys.argv[1], "rb").read()[:-100])
open(sys.argv[3], "w")
time.sleep(600)' "$T/stream" "$T/fifo" "$T/begun" &
	stage=$!
	cc-shard write "$T/out/x.tar" <"$T/fifo" 2>"$T/said" &
	writer=$!
	while [ ! -e "$T/begun" ]; do sleep .05; done
}
start
kill -KILL $stage
wait $writer
is "a stage was killed: exit status 1" $? 1
ok "and it is reported" grep -q "upstream ended early" "$T/said"
is "and leaves no shard" "$(left)" 0
start
kill -KILL $writer
wait $writer 2>/dev/null
kill -KILL $stage
is "the writer was killed: no partial shard" "$(left)" 0

# Tars.
fails_with "empty.tar: empty: 0 bytes" sh -c ": >'$T/empty.tar'; cc-shard read '$T/empty.tar'"
fails_with "zero.tar: no members: all of its 10240 bytes are zero" sh -c "head -c 10240 /dev/zero >'$T/zero.tar'; cc-shard read '$T/zero.tar'"
fails_with "hello: a text file, not a tar" sh -c "echo hello >'$T/hello'; cc-shard read '$T/hello'"
fails_with "No such file" cc-shard read "$T/nowhere.tar"
fails_with "a record stream, not a tar" cc-shard read "$T/stream"
fails_with "standard input: a record stream, not a tar" sh -c "cc-shard keys - <'$T/stream'"
mkdir -p "$T/hollow/a/.b"
fails_with "hollow: no files in this folder or its subfolders (hidden files are ignored)" cc-shard read "$T/hollow"
fails_with "hollow: no files in this folder or its subfolders (hidden files are ignored)" cc-shard verify "$T/hollow"
fails_with "standard input: empty" sh -c "cc-shard read - </dev/null"
fails_with "x.gz" sh -c "printf '\037\213\010\000\000\000\000\000\000\003abcdef' >'$T/x.gz'; cc-shard read '$T/x.gz'"
cut() { head -c "$1" "$T/n.tar" >"$T/cut.tar"; }
cut 21000 # within the content of a member; each has a header and one block
fails_with "cut.tar: sample s/000010: byte 20480: the tar is truncated at byte 21000" cc-shard read "$T/cut.tar"
cut 21100 # within its padding
fails_with "cut.tar: sample s/000010: byte 20480: the tar is truncated at byte 21100" cc-shard read "$T/cut.tar"
cut 20700 # within its header: the previous sample is reported
fails_with "cut.tar: sample s/000009: byte 20480: the tar is truncated at byte 20700" cc-shard read "$T/cut.tar"
cut 20480 # at a member's boundary
fails_with "cut.tar: sample s/000009: byte 20480: the tar is truncated: it has no end-of-archive blocks" cc-shard read "$T/cut.tar"
cut 81920 # after the last member
fails_with "byte 81920: the tar is truncated: it has no end-of-archive blocks" cc-shard read "$T/cut.tar"
cut 82432 # after the first of the two end blocks
fails_with "no end-of-archive blocks" cc-shard read "$T/cut.tar"
ok "verify reports it too" sh -c "! cc-shard verify '$T/cut.tar' 2>&1 | grep -q ': whole$'"
cut 82944
ok "both end blocks are enough" sh -c "cc-shard read '$T/cut.tar' >/dev/null"
make --samples=4000 "$T/m.tar"
gzip -c "$T/m.tar" | head -c 30000 >"$T/cut.tar.gz"
fails_with "cut.tar.gz: sample s/" cc-shard read "$T/cut.tar.gz"
gzip -c "$T/n.tar" | head -c -3 >"$T/cut.tar.gz"
fails_with "cut.tar.gz" cc-shard read "$T/cut.tar.gz"
cut 21000
cc-shard read --lenient --max-bad 1 "$T/cut.tar" "$T/n.tar" 2>"$T/said" | cc-shard keys >"$T/keys"
is "--lenient continues after a truncated tar" "$(wc -l <"$T/keys")" 50
ok "and reports it" grep -q "cut.tar: sample s/000010: byte 20480: the tar is truncated" "$T/said"
is "and counts it" "$(cc-shard read -q --lenient "$T/cut.tar" 2>/dev/null | cc-view | tail -1 | jq -c .bad)" '{"truncated source":1}'
cat "$T/n.tar" "$T/n.tar" >"$T/two.tar"
fails_with "after the end of the archive" cc-shard read "$T/two.tar"
python3 - "$T/n.tar" "$T/sum.tar" <<'EOF'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[4096 + 3] ^= 1
open(sys.argv[2], "wb").write(data)
EOF
fails_with "sum.tar: sample s/000001: byte 4096" cc-shard read "$T/sum.tar"

# Samples.
make "$T/apart.tar" a.jpg=1 b.jpg=2 a.txt=3
fails_with "apart.tar: sample a: byte 2048: members of the sample are not adjacent: others are at byte 0, before 'b'" cc-shard read "$T/apart.tar"
make "$T/twice.tar" a.jpg=1 b.jpg=2 a.jpg=3
fails_with "twice.tar: sample a: byte 2048: duplicate key, first at byte 0" cc-shard read "$T/twice.tar"
make "$T/beside.tar" a.jpg=1 a.jpg=2
fails_with "beside.tar: sample a: byte 1024: a second jpg" cc-shard read "$T/beside.tar"
make --link "$T/link.tar" a.jpg=1 b.jpg=
fails_with "b.jpg is a link" cc-shard read "$T/link.tar"
ln -s . "$T/out/round"
echo x >"$T/out/x.txt"
fails_with "links to a folder that contains it" cc-shard read "$T/out"
rm "$T"/out/*
make "$T/long.tar" a.txt=x b.txt@1048577 c.txt@1048576
cc-shard read "$T/long.tar" 2>"$T/said" | cc-shard keys >"$T/keys"
is "a text of more than 1 MiB is a bad record" "$(tr '\n' ' ' <"$T/keys")" "a c "
ok "it is reported with shard, offset and key" grep -q "long.tar: byte 1024: b: txt: longer than 1048576 bytes (dropped)" "$T/said"
fails_with "--max-bad" cc-shard read --max-bad 0 "$T/long.tar"
ok "--max-string raises the limit" sh -c "cc-shard read --max-string 2M '$T/long.tar' >/dev/null 2>'$T/said' && test ! -s '$T/said'"
make "$T/large.tar" a.bin@3000 b.bin@100000 c.txt=x
is "a record larger than --max-record is a bad record" "$(cc-shard read --max-record 50K "$T/large.tar" 2>/dev/null | cc-shard keys | tr '\n' ' ')" "a c "
make "$T/future.tar" '__cc__={"cc": 2, "shard": 0}' a.txt=x
fails_with "__cc__: version 2" cc-shard read "$T/future.tar"
make "$T/garbled.tar" '__cc__={"cc": 1' a.txt=x
fails_with "__cc__" cc-shard read "$T/garbled.tar"
make "$T/behind.tar" '__cc__={"cc": 1, "shard": 0}' '__end__={"shards": 1, "records": 0, "written": "00000000000000000000000000000000"}' a.txt=x
fails_with "a member after __end__" cc-shard read "$T/behind.tar"
make "$T/shown.tar" "$(printf 'a\033[2Jb').txt=x" "$(printf 'a\033[2Jb').txt=y"
fails_with 'a\x1b[2Jb' cc-shard read "$T/shown.tar"

# Outputs.
fails_with "No space left" sh -c "cc-shard read '$T/n.tar' >/dev/full"
fails_with "No space left" sh -c "cc-shard write - <'$T/stream' >/dev/full"
fails_with "No space left" sh -c "cc-shard keys '$T/n.tar' >/dev/full"
fails_with "No such file or directory" sh -c "cc-shard write '$T/no/such/folder/x.tar' <'$T/stream'"
fails_with "File too large" sh -c "trap '' XFSZ; ulimit -f 30; cc-shard write '$T/out/x.tar' <'$T/stream'" # a full disk, also for users other than root
fails_with "File too large" sh -c "trap '' XFSZ; ulimit -f 30; cc-shard write --max-count 10 '$T/out/s-%d.tar' <'$T/stream' && cc-shard write '$T/out/x.tar' <'$T/stream'"
is "shards completed before the error are complete, and nothing else exists" "$(find "$T/out" -mindepth 1 ! -name 's-[0-3].tar' | wc -l)" 0
sh -c "cc-shard read --epochs 1000 '$T/n.tar' 2>'$T/said'; echo \$? >'$T/code'" | head -c 1000 >/dev/null
is "a closed pipe: no message" "$(cat "$T/said") $(cat "$T/code")" " 141"

done_testing
