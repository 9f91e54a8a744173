#!/bin/sh
# Archives with false sizes or forbidden contents: an error that names the place; memory and time stay proportional to the bytes read.
. "$(dirname "$0")/lib.sh"

make() { python3 tests/tool/make_tar.py "$@"; }
sparse() { python3 tests/tool/make_tar.py --sparse "$@"; }

# Sparse files.
sparse "$T/long.tar" a.txt=10,1000000000000,hello
fails_with "long.tar: sample a: byte 0: more than the 10 bytes that its header announces" cc-shard read "$T/long.tar"
sparse "$T/none.tar" a.txt=0,5000,hello
fails_with "none.tar: sample a: byte 0: more than the 0 bytes" cc-shard verify "$T/none.tar"
sparse "$T/huge.tar" a.bin=300000000,0,hello
fails_with "the record is larger than 268435456 bytes" cc-shard read --max-bad 0 "$T/huge.tar"
sparse "$T/holes.tar" a.txt=9,4,hello b.txt=8,2,abc c.txt=6,0,
printf '\0\0\0\0hello\0\0abc\0\0\0\0\0\0\0\0\0' >"$T/wanted"
cc-shard read "$T/holes.tar" | cc-view --jsonl --full | jq -j '.txt // empty' >"$T/got"
ok "holes are read as zeros, at the end too" cmp "$T/got" "$T/wanted"
cc-shard read "$T/holes.tar" | cat >"$T/piped"
ok "the same with --regroup" sh -c "cc-shard read --regroup '$T/holes.tar' | cc-shard digest >'$T/a'; cc-shard digest <'$T/piped' >'$T/b'; cmp '$T/a' '$T/b'"

# A damaged pax header is an error: the name in it would be lost, and its sample with it.
make "$T/pax.tar" "$(printf '%0120d' 7).txt=x" "$(printf 'latin \351').txt=y"
ok "names may have any bytes" sh -c "cc-shard verify '$T/pax.tar'"
LC_ALL=C sed 's/ path=/ path-/' "$T/pax.tar" >"$T/flip.tar"
fails_with "flip.tar: byte 0: Invalid pax extended attributes" cc-shard verify "$T/flip.tar"

# gzip's checksum and length are checked; libarchive's filter does not check them.
make --samples=40 "$T/n.tar"
gzip -1 -c "$T/n.tar" >"$T/n.tar.gz"
whole=$(cc-shard digest "$T/n.tar")
passed=$(python3 - "$T" <<'EOF'
import gzip, subprocess, sys
folder = sys.argv[1]
data = open(folder + "/n.tar.gz", "rb").read()
passed = 0
for number in range(40):
    flipped = bytearray(data)
    flipped[20 + number * (len(data) - 20) // 40] ^= 1 << number % 8
    open(folder + "/flip.gz", "wb").write(flipped)
    run = subprocess.run(["cc-shard", "digest", folder + "/flip.gz"], capture_output=True)
    passed += run.returncode == 0 and subprocess.run(["gzip", "-t", folder + "/flip.gz"], stderr=subprocess.DEVNULL).returncode != 0
print(passed)
EOF
)
is "a flipped bit that gzip -t reports is an error" "$passed" 0
change() { python3 -c 'import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[int(sys.argv[2])] ^= 1
sys.stdout.buffer.write(data)' "$T/n.tar.gz" "$1" >"$T/flip.gz"; }
change -6
fails_with "flip.gz: sample s/000039: byte 92160: gzip: incorrect data check" cc-shard digest "$T/flip.gz"
change -1
fails_with "gzip: incorrect length check" sh -c "cat '$T/flip.gz' | cc-shard digest -"
head -c -3 "$T/n.tar.gz" >"$T/cut.gz"
fails_with "cut.gz: sample s/000039: byte 92160: truncated gzip input" cc-shard digest "$T/cut.gz"
head -c 50000 "$T/n.tar" | gzip -c >"$T/two.gz"
tail -c +50001 "$T/n.tar" | gzip -c >>"$T/two.gz"
is "concatenated gzip members are read as one file" "$(cc-shard digest "$T/two.gz")" "$whole"
{ cat "$T/n.tar.gz"; head -c 1000 /dev/zero; } >"$T/padded.gz"
is "trailing zeros are padding" "$(cc-shard digest - <"$T/padded.gz")" "$whole"
{ cat "$T/n.tar.gz"; echo more; } >"$T/more.gz"
fails_with "gzip: unexpected data after the end" cc-shard digest "$T/more.gz"
printf 'image\tcaption\na.jpg\tone\n' | gzip -c | head -c -1 >"$T/t.tsv.gz"
fails_with "truncated gzip input" cc-shard keys "$T/t.tsv.gz"
make "$T/head.tar" '__cc__={"cc": 1, "shard": 0, "records": 1, "digesu": "00000000000000000000000000000000"}' a.txt=x
fails_with "__cc__: records and digest must both be present" cc-shard verify "$T/head.tar"

# Standard input is read from its current offset, and only once.
{ echo something else; cat "$T/n.tar"; } >"$T/behind"
behind() { sh -c "{ python3 -c 'import os; os.lseek(0, 15, 0)'; cc-shard $1; } <'$T/behind'"; }
is "a file whose first bytes were already read" "$(behind 'digest -')" "$whole"
fails_with "standard input ('-') is named twice" sh -c "cc-shard read - - <'$T/n.tar'"
is "a non-blocking descriptor" "$(python3 - "$T/n.tar.gz" <<'EOF'
import os, subprocess, sys, time
reading, writing = os.pipe()
os.set_blocking(reading, False)
child = subprocess.Popen(["cc-shard", "digest", "-"], stdin=reading)
data = open(sys.argv[1], "rb").read()
for part in data[:2], data[2:900], data[900:]:
    time.sleep(0.2)
    os.write(writing, part)
os.close(writing)
child.wait()
EOF
)" "$whole"

# Records that could be written but not read back.
pack() { python3 -c 'import sys; sys.path.insert(0, "tests/tool"); from tinymsgpack import packb
for item in eval(sys.argv[1]): sys.stdout.buffer.write(packb(item))' "$1"; }
refuses() { pack "$2" >"$T/in" && fails_with "$1" sh -c "cc-shard write --max-bad 0 '$T/out.tar' <'$T/in'"; }
refuses "a: a field without a name (dropped)" '[{"__key__": "a", "": b"x"}]'
refuses "header: classes: expected an array of strings" '[{"cc": 1, "classes": ["cat", 7]}, {"__key__": "a", "txt": "x"}, {"cc_end": True}]'
refuses "header: classes: expected an array" '[{"cc": 1, "classes": "cat"}, {"__key__": "a", "txt": "x"}, {"cc_end": True}]'
printf '\202\247__key__\241a\247__key__\241b' >"$T/twice"
fails_with "duplicate __key__" sh -c "cc-shard write '$T/out.tar' <'$T/twice'"
make "$T/key.tar" a.txt=x a.__key__=y
fails_with "key.tar: byte 0: a: a field cannot be named __key__ (dropped)" cc-shard read --max-bad 0 "$T/key.tar"
fails_with "'__key__': a field cannot be named __key__" cc-shard read --rename txt=__key__ "$T/n.tar"
ok "nothing was written" [ ! -e "$T/out.tar" ]

# Names in hostile input are searched linearly, so their number is limited.
tail='{"cc_end": True, "records": 1, "bad": {"%d-%d" % (n, i): 1 for i in range(2000)}}'
pack "[item for n in range(3) for item in ({'cc': 1}, {'__key__': str(n), 'txt': 'x'}, $tail)]" >"$T/reasons"
is "at most 1,000 reasons of bad records are counted separately" "$(cc-shard stat --json <"$T/reasons" | jq -c '[.bad | length, .other, ([.[]] | add)]')" '[1001,5000,6000]'
python3 - "$T/head.tar" <<'END'
import io, json, sys, tarfile
tar = tarfile.open(sys.argv[1], "w")
for name, text in (("__cc__", json.dumps({"cc": 1, "shard": 0, **{str(i): i for i in range(70000)}})), ("a.txt", "x")):
    member = tarfile.TarInfo(name)
    member.size = len(text)
    tar.addfile(member, io.BytesIO(text.encode()))
tar.close()
END
fails_with "__cc__: an object with 70002 names; at most 65536" cc-shard read "$T/head.tar"
mkdir "$T/beside"
cp "$T/n.tar" "$T/beside"
python3 -c 'print("[" + "1," * (1 << 20) + "1]")' >"$T/beside/sizes.json"
fails_with "beside/sizes.json: JSON has more than 1048576 elements" cc-shard read "$T/beside/n.tar"

# A run without a usable record fails.
make "$T/only.tar" a.txt@1048577
fails_with "none of 1 records could be used" cc-shard read -o "$T/out" "$T/only.tar"
ok "and writes no output" [ ! -e "$T/out" ]
ok "unless --max-bad allows it" sh -c "cc-shard read --max-bad 1 '$T/only.tar' >'$T/out'"
echo 'image,caption' >"$T/head.csv"
fails_with "head.csv: no rows" cc-shard read "$T/head.csv"

# When cc-shard is killed, the command that it reads from ends too.
cc-shard read "pipe:echo \$\$ >'$T/pid'; exec sleep 600" >/dev/null 2>&1 &
while [ ! -s "$T/pid" ]; do sleep .05; done
kill -KILL $!
wait $! 2>/dev/null
for _ in $(seq 100); do
	kill -0 "$(cat "$T/pid")" 2>/dev/null || break
	sleep .05
done
ok "no command is left running" sh -c "! kill -0 $(cat "$T/pid")"
kill "$(cat "$T/pid")" 2>/dev/null

# Lists of names.
printf '\357\273\277cat\r\ndog\n' >"$T/mark.txt"
is "a byte order mark is not part of a class name" "$(cc-shard read --classes "$T/mark.txt" "$T/n.tar" | cc-view | head -1 | jq -c .classes)" '["cat","dog"]'
printf '\0cat\ndog\n' >"$T/zero.txt"
fails_with "zero.txt: line 1: contains a NUL byte" cc-shard read --classes "$T/zero.txt" "$T/n.tar"
printf '\357\273\277%s\r\n' "$T/n.tar" >"$T/list"
is "nor of a path" "$(cc-shard digest "@$T/list")" "$whole"

done_testing
