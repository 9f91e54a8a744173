#!/bin/sh
# Time is linear in the size of hostile input: the inputs are so large that quadratic time would take 50 times as long as allowed.
. "$(dirname "$0")/lib.sh"

printf '#version: 0.2\n' >"$T/vocab"

python3 -c '
import sys
sys.stdout.write("e" + "\u0301\u0327" * 250000 + "\n")' >"$T/marks"
ok "tokens of a caption with a megabyte of combining marks" timeout 60 cc-model tokens --vocab "$T/vocab" "$T/marks"
python3 -c '
import sys
n = 60000
sys.stdout.write("\u00c3" + "\u0192" * n + "\u6f22\n" + "&" + "amp;" * n + "\n" + "\x1b[" + "0;" * n + "\n" + "\u03a3\u0027" * n + "\n")
' >"$T/rounds"
ok "tokens of captions that text repair changes once per round" timeout 120 cc-model tokens --vocab "$T/vocab" "$T/rounds"
# Concatenated streams, each with its own programs and reasons: memory does not grow with their number.
cat >"$T/join.py" <<'END'
import resource, subprocess, sys
sys.path.insert(0, "tests/tool")
from tinymsgpack import packb
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
for i in range(int(sys.argv[1])):
    prog = [{"name": "p%d" % i, "version": "1", "seed": 0, "args": ["x" * 100]}]
    child.stdin.write(packb({"cc": 1, "prog": prog}) + packb({"cc_end": True, "records": 0, "prog": [prog], "bad": {"reason %d" % i: 1}}))
child.stdin.close()
print(child.wait(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
END
few=$(python3 "$T/join.py" 2000 cc-shard stat)
many=$(timeout 120 python3 "$T/join.py" 40000 cc-shard stat)
is "40,000 concatenated streams" "${many% *}" 0
is "need no more memory than 2,000" "$((${many#* } - ${few#* } < 4096))" 1
is "equal lists of programs are kept once, and those beyond the limit as one" "$(python3 -c '
import sys
sys.path.insert(0, "tests/tool")
from tinymsgpack import packb
for i in (1, 2, 2, 1, *range(300)):
    sys.stdout.buffer.write(packb({"cc": 1, "prog": [{"name": "p%d" % i}]}) + packb({"cc_end": True, "records": 0}))' |
	cc-view | jq -c 'select(.cc_end) | .prog | [length, .[0][0].name, .[1][0].name, .[-1][0].name]')" '[257,"p2","p1","(other programs)"]'

# Records with different field names.
python3 -c '
import sys
sys.path.insert(0, "tests/tool")
from tinymsgpack import packb
out = sys.stdout.buffer
out.write(packb({"cc": 1}))
for i in range(300):
    out.write(packb({"__key__": str(i), **{"f%d" % j: 1 for j in range(1000 * i, 1000 * i + 1000)}}))
out.write(packb({"cc_end": True, "records": 300}))' >"$T/fields"
timeout 120 cc-shard stat <"$T/fields" >"$T/stat"
is "300,000 field names are counted, rare ones together" "$(wc -l <"$T/stat") $(tail -1 "$T/stat" | xargs)" "261 299744 0 0 (others)"
is "in JSON too" "$(cc-shard stat --json <"$T/fields" | jq -c '[(.fields | length), .fields["(others)"].count]')" "[257,299744]"
# The maximum number of fields per record, and names that differ only in case.
python3 -c '
import sys
sys.path.insert(0, "tests/tool")
from tinymsgpack import packb
out = sys.stdout.buffer
record = packb({"__key__": "a", **{"field%05d" % j: 1 for j in range(1000)}})
out.write(packb({"cc": 1}) + 4000 * record + packb({"cc_end": True, "records": 4000}))' >"$T/wide"
ok "4,000 records of 1,000 fields" timeout 60 cc-shard digest "-j1" <"$T/wide"
# The same in a tar, with long names that differ only at the end.
python3 -c '
import sys, tarfile
with tarfile.open(sys.argv[1], "w") as tar:
    for i in range(4):
        for j in range(1000):
            tar.addfile(tarfile.TarInfo("%d.%s%05d" % (i, "f" * 60000, j)))' "$T/long.tar"
ok "4 samples of 1,000 fields with long names" timeout 90 cc-shard verify "$T/long.tar"
rm "$T/long.tar"
printf 'P6\n1 1\n255\nabc' >"$T/x.ppm"
python3 -c '
print("image,caption")
for i in range(10):
    print(("i%d.ppm,a\n" % i) * 9999, end="")' >"$T/rows.csv"
for i in 0 1 2 3 4 5 6 7 8 9; do cp "$T/x.ppm" "$T/i$i.ppm"; done
is "10 images with 9,999 rows each" "$(timeout 60 cc-shard read -q "$T/rows.csv" | cc-shard digest | cut -d " " -f 2)" 99990
head -c 4000000 "$T/wide" | timeout 60 cc-view 2>/dev/null | tail -1 | jq length >"$T/wide.fields"
is "all fields are shown" "$(cat "$T/wide.fields")" 1001
python3 -c '
import sys
sys.path.insert(0, "tests/tool")
from tinymsgpack import packb
sys.stdout.buffer.write(packb({"__key__": "a", **{"field%05d" % j: 1 for j in range(1000)}, "FIELD00007": 2}))' >"$T/twice"
fails_with "duplicate field FIELD00007" sh -c "cc-view <'$T/twice'"

# Many words and class names searched for in captions.
long=$(head -c 300 /dev/zero | tr '\0' a)
fails_with "the word has 300 bytes; at most 256 are supported" cc-shard read --where "txt~$long" "$T/fields"
python3 -c '
import sys
sys.path.insert(0, "tests/tool")
from tinymsgpack import packb
record = {"__key__": "a", "txt": "a " * 500, "cls": 0, "rgb.npy": {"dtype": "|u1", "shape": [20, 20, 3], "data": bytes(1200)}}
sys.stdout.buffer.write(packb({"cc": 1, "classes": ["a " * 200, "dog"]}) + packb(record) + packb({"cc_end": True, "records": 1}))' >"$T/classes"
fails_with "cls: --caption swap supports class names of at most 256 bytes" \
	cc-poison -a badnet:patch=2 -t dog --all --caption swap --max-bad 0 "$T/classes"
done_testing
