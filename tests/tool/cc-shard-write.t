#!/bin/sh
# cc-shard write, verify, stat, keys, digest: complete and incomplete sets of shards.
. "$(dirname "$0")/lib.sh"

make() { python3 tests/tool/make_tar.py "$@"; }
one_line() { tr '\n' ' '; }
pack() { python3 -c 'import sys; sys.path.insert(0, "tests/tool"); from tinymsgpack import packb
for item in eval(sys.argv[1]): sys.stdout.buffer.write(packb(item))' "$1"; }
names() { (cd "$T" && ls | grep "^$1" | one_line); }
write() { cc-shard read --folders "$T/n.tar" | cc-shard write "$@"; }

make --samples=25 "$T/n.tar"
digest=$(cc-shard read --folders "$T/n.tar" | cc-shard digest)

# Roll-over, and the contents of a shard.
ok "--max-count" write --max-count 10 "$T/a-%03d.tar"
is "three shards" "$(names a-)" "a-000.tar a-001.tar a-002.tar "
is "they hold all records" "$(cc-shard digest "$T/a-{000..002}.tar")" "$digest"
is "each has at most --max-count records" "$(cc-shard stat --json "$T/a-{000..002}.tar" | jq -c '[.records, (.sources | map(.records)), .fields.txt.count]')" '[25,[10,10,5],25]'
is "each begins with __cc__" "$(for i in 0 1 2; do tar xOf "$T/a-00$i.tar" __cc__ | jq -c '[.shard, .records, (.prog | map(.name)), .classes]'; done)" \
	'[0,10,["cc-shard read","cc-shard write"],["s"]]
[1,10,["cc-shard read","cc-shard write"],["s"]]
[2,5,["cc-shard read","cc-shard write"],["s"]]'
is "__cc__ has the digest of the shard's records" "$(tar xOf "$T/a-001.tar" __cc__ | jq -r .digest)" "$(cc-shard digest --quiet "$T/a-001.tar" | cut -d ' ' -f 1)"
is "the last ends with __end__" "$(for i in 0 1 2; do tar tf "$T/a-00$i.tar" | tail -1; done | one_line)" "s/000009.cls s/000019.cls __end__ "
is "__end__ has the totals" "$(tar xOf "$T/a-002.tar" __end__ | jq -c '[.shards, .records, .read, .written]')" \
	"[3,25,\"${digest% *}\",\"${digest% *}\"]"
ok "--max-size" write --max-size 20K "$T/b-%d.tar"
is "no shard is larger" "$(find "$T" -name 'b-*.tar' -size +20k | wc -l)" 0
is "and none is unnecessary" "$(names b- | wc -w)" 3
ok "one shard" write "$T/one.tar"
is "it holds all records" "$(cc-shard digest "$T/one.tar")" "$digest"
is "the output may be standard output" "$(cc-shard read --folders "$T/n.tar" | cc-shard write - | cc-shard digest -)" "$digest"
ok "and a pipe" sh -c "cc-shard read '$T/n.tar' | cc-shard write - | cat | cc-shard read - | cc-shard digest"
is "a set may be empty" "$(cc-shard read --take 0 "$T/n.tar" | cc-shard write "$T/none-%d.tar"; cc-shard verify "$T/none-0.tar" | cut -d , -f 1-2)" "1 source, 0 records"

# The same bytes.
write --max-count 10 "$T/again-%03d.tar"
ok "the same input gives the same bytes" sh -c "cmp '$T/a-000.tar' '$T/again-000.tar' && cmp '$T/a-001.tar' '$T/again-001.tar' && cmp '$T/a-002.tar' '$T/again-002.tar'"
cc-shard read --folders "$T/n.tar" >"$T/stream"
ok "also from a saved stream" sh -c "cc-shard write --max-count 10 '$T/kept-%03d.tar' <'$T/stream' && cmp '$T/a-001.tar' '$T/kept-001.tar'"
is "provenance has both writers" "$(cc-shard read "$T/a-{000..002}.tar" | cc-shard write "$T/third.tar"; tar xOf "$T/third.tar" __cc__ | jq -c '.prog | map(.name)')" \
	'["cc-shard read","cc-shard write","cc-shard read","cc-shard write"]'
is "class names are kept" "$(tar xOf "$T/third.tar" __cc__ | jq -c .classes)" '["s"]'
is "sets of different runs: the later prog goes into the tail" "$(cc-shard read "$T/a-{000..002}.tar" "$T/third.tar" | cc-view | tail -1 | jq -c '.prog | map(map(.name))')" \
	'[["cc-shard read","cc-shard write","cc-shard read","cc-shard write"]]'

# Every kind of field, written and read back.
pack '[{"__key__": "d.1/k", "txt": "caf\u00e9", "cls": -3, "jpg": b"\xff\xd8", "x.npy": {"dtype": "<f4", "shape": [1, 2], "data": bytes(8)}, "score": 1.5, "list": [1, None, "x"], "own.json": b"{}"}]' |
	cc-shard write "$T/kinds.tar"
is "every kind of field is written and read back" "$(cc-shard read "$T/kinds.tar" | cc-view | sed -n 3p)" \
	'{"__key__": "d.1/k", "txt": "café", "cls": -3, "jpg": {"bytes": 2}, "x.npy": {"dtype": "<f4", "shape": [1, 2], "bytes": 8}, "score": {"bytes": 3}, "list": {"bytes": 14}, "own.json": {}}'
is "values without a file format are written as JSON" "$(tar xOf "$T/kinds.tar" d.1/k.score d.1/k.list)" '1.5[1, null, "x"]'
cc-shard read tests/golden/npy | cc-shard write "$T/npy.tar"
ok "a tensor is the file that numpy writes" sh -c "tar xOf '$T/npy.tar' matrix_f4.npy | cmp - tests/golden/npy/matrix_f4.npy"
pack '[{"__key__": "a.b", "txt": "x"}, {"__key__": "c", "txt": "y"}, {"__key__": "d", "e/f": "y"}, {"__key__": "g/", "txt": "z"}, {"__key__": "h"}]' >"$T/unfit"
cc-shard write --max-bad 1 "$T/fit.tar" <"$T/unfit" 2>"$T/said"
is "a key or name that would not be read back unchanged makes a bad record" "$(cc-shard keys "$T/fit.tar" | one_line)" "c "
is "each is reported with its reason" "$(grep -c 'a.b: the key has a dot\|d: a slash in\|g/: the key ends\|h: the record has no fields' "$T/said")" 4
is "and counted in __end__" "$(tar xOf "$T/fit.tar" __end__ | jq '.bad | add')" 4
fails_with "duplicate key k: records 0 and 1 of shard 0" sh -c "python3 tests/tool/make_stream.py 1 >/dev/null; cc-shard write '$T/twice.tar' <<EOF
$(printf '\202\247__key__\241k\243txt\241x\202\247__key__\241k\243txt\241y')
EOF"

# Names of shards.
for pattern in '%s.tar' '%n' 'a-%4d' 'x%' '%d-%d.tar'; do
	fails_with "expected one number, as in part-%04d.tar" cc-shard write "$T/$pattern"
done
is "%% stands for a percent sign" "$(write "$T/100%%.tar"; names 100)" "100%.tar "
fails_with "names a single shard" cc-shard write --max-count 3 "$T/x.tar"
fails_with "compress them afterwards" cc-shard write "$T/x-%d.tar.gz"

# Sets: missing, stale and unfinished shards; some of the shards.
ok "verify" cc-shard verify "$T/a-{000..002}.tar"
ok "verify --quick" cc-shard verify --quick "$T/a-{000..002}.tar"
is "verify prints counts and digest" "$(cc-shard verify "$T/a-{000..002}.tar")" "3 sources, 25 records, digest ${digest% *}: whole"
is "and which shards were not given" "$(cc-shard verify --quick "$T/a-{000..001}.tar"; cc-shard verify --quick "$T/a-002.tar"; cc-shard verify --quick --subset "$T/a-001.tar")" \
	"2 sources, 20 records: 2 of the set's 3 shards; $T/a-002.tar exists but was not given
1 source, 5 records: 1 of the set's 3 shards; $T/a-000.tar exists but was not given
1 source, 10 records: whole"
mkdir "$T/set"
restore() { cp "$T"/a-00*.tar "$T/set"; }
shards() { ls "$T"/set/a-*.tar; }
both() { # TEXT: read and verify of all existing shards fail with it
	fails_with "$1" sh -c "cc-shard read '$T'/set/a-*.tar >/dev/null"
	fails_with "$1" cc-shard verify "$T"/set/a-*.tar
	fails_with "$1" cc-shard verify --quick "$T"/set/a-*.tar
}
restore
rm "$T/set/a-001.tar"
both "shard 1 of the set is missing ($T/set/a-001.tar)"
restore
rm "$T/set/a-002.tar"
both "the set ends here without __end__"
ok "--subset reads the remaining shards" sh -c "cc-shard read --subset '$T'/set/a-*.tar >/dev/null"
restore
for part in a-000.tar a-001.tar a-002.tar 'a-{000..001}.tar' 'a-{001..002}.tar'; do
	ok "some of the shards can be read: $part" sh -c "cc-shard read '$T/set/$part' >/dev/null"
done
cc-shard read --folders --skip 1 "$T/n.tar" | cc-shard write --max-count 10 "$T/other-%03d.tar"
cp "$T/other-001.tar" "$T/set/a-001.tar"
both "a-001.tar: stale: written by another run"
restore
make --samples=35 "$T/m.tar"
cc-shard read --folders "$T/m.tar" | cc-shard write --max-count 10 "$T/like-%03d.tar"
cp "$T/like-003.tar" "$T/set/a-003.tar"
both "a-003.tar: stale: shard 2 was the last of its set"
rm "$T/set/a-003.tar"
python3 - "$T/n.tar" "$T/n2.tar" <<'EOF'
import sys
data = open(sys.argv[1], "rb").read()
open(sys.argv[2], "wb").write(data.replace(b"caption 12", b"caption 21"))
EOF
cc-shard read --folders "$T/n2.tar" | cc-shard write --max-count 10 "$T/like-%03d.tar"
cp "$T/like-001.tar" "$T/set/a-001.tar"
both "with another digest; one of them is stale"
restore
python3 - "$T/set/a-001.tar" <<'EOF'
import sys
path = sys.argv[1]
data = bytearray(open(path, "rb").read())
data[data.index(b"caption 12")] ^= 1
open(path, "wb").write(data)
EOF
fails_with "differs from the one in __cc__" sh -c "cc-shard read '$T'/set/a-*.tar >/dev/null"
fails_with "differs from the one in __cc__: the file was changed after it was written" cc-shard verify "$T"/set/a-*.tar
fails_with "the digest of the records differs from that of their shards" sh -c "cc-shard read --shuffle '$T'/set/a-*.tar >/dev/null"
ok "--quick does not check digests" cc-shard verify --quick "$T"/set/a-*.tar
restore
cp "$T/a-000.tar" "$T/copy.tar"
fails_with "duplicate key, also in $T/a-000.tar at byte" cc-shard verify --subset "$T/a-000.tar" "$T/copy.tar"
make "$T/apart.tar" a.jpg=1 b.jpg=2 a.txt=3 c.jpg=4
make "$T/twice.tar" a.jpg=1 b.jpg=2 a.jpg=3
cc-shard verify "$T/apart.tar" "$T/twice.tar" "$T/n.tar" >"$T/out" 2>&1
is "verify reports all problems" "$(grep -c "apart.tar: sample a: byte 2048: members of the sample are not adjacent: others are at byte 0, before 'b'\|twice.tar: sample a: byte 2048: duplicate key, first at byte 0\|4 problems" "$T/out")" 3
write --max-count 20 "$T/set/a-%03d.tar" 2>"$T/said"
ok "shards left over from a longer set are reported" grep -q "a-002.tar is left over" "$T/said"

# A dozen shards numbered without zeros: 10 comes after 9, although the shell sorts it before 2.
write --max-count 2 "$T/set/n-%d.tar"
ok "verify accepts numbers without zeros" cc-shard verify "$T/set/n-{0..12}.tar"
ok "in any order of names" cc-shard verify "$T"/set/n-*.tar
ok "and so does read" sh -c "cc-shard read '$T/set/n-{0..12}.tar' >/dev/null && cc-shard read '$T'/set/n-*.tar >/dev/null"
for lost in 5 9 10; do
	mv "$T/set/n-$lost.tar" "$T/lost"
	fails_with "shard $lost of the set is missing ($T/set/n-$lost.tar)" sh -c "cc-shard verify '$T'/set/n-*.tar"
	mv "$T/lost" "$T/set/n-$lost.tar"
done

# --dry-run, and files that are not overwritten.
mkdir "$T/dry"
write --dry-run --max-count 10 "$T/dry/a-%d.tar" >"$T/plan"
is "--dry-run writes nothing" "$(ls "$T/dry")" ""
write --max-count 10 "$T/dry/a-%d.tar"
is "and lists names and sizes" "$(tail -n +2 "$T/plan" | awk '{ print $2, $3 }')" "$(cd "$T/dry" && for i in 0 1 2; do echo "$(wc -c <a-$i.tar) $T/dry/a-$i.tar"; done)"
is "and which shards exist" "$(write --dry-run --max-count 13 "$T/dry/a-%d.tar" | grep -c '(overwrites an existing shard)$')" 2
ok "our own shards are overwritten" write --max-count 10 "$T/dry/a-%d.tar"
fails_with "a-0.tar: exists and may be a source of this stream" sh -c "cc-shard read '$T/dry/a-{0..2}.tar' | cc-shard write --max-count 3 '$T/dry/a-%d.tar'"
ok "the set is whole" cc-shard verify "$T/dry/a-{0..2}.tar"
fails_with "n.tar: exists and was not written by \`cc-shard write\`" write "$T/n.tar"
fails_with "n.tar: exists and was not written by \`cc-shard write\`" write --dry-run "$T/n.tar"
is "the tar is unchanged" "$(cc-shard digest "$T/n.tar" | cut -d ' ' -f 2)" 25
echo mine >"$T/dry/text"
fails_with "text: exists and is not a tar" write "$T/dry/text"
is "the text is unchanged" "$(cat "$T/dry/text")" mine
: >"$T/dry/made-by-mktemp"
ok "an empty file may be overwritten" write "$T/dry/made-by-mktemp"
head -c 700 "$T/dry/a-1.tar" >"$T/dry/cut" && cp "$T/dry/cut" "$T/dry/a-1.tar"
ok "so may a truncated shard of ours" write --max-count 10 "$T/dry/a-%d.tar"
fails_with "--dry-run lists files, and '-' is not a file" write --dry-run -

# The other verbs.
is "keys" "$(cc-shard keys "$T/kinds.tar" "$T/fit.tar" | one_line)" "d.1/k c "
is "keys of a stream" "$(cc-shard keys <"$T/stream" | head -1)" s/000000
ok "-o" sh -c "cc-shard keys -o '$T/k' '$T/n.tar' && test \$(wc -l <'$T/k') = 25"
is "stat" "$(cc-shard stat "$T/fit.tar" | head -2 | tail -1 | tr -s ' ')" " 1 1 $T/fit.tar"
is "stat of a stream" "$(cc-shard stat --json <"$T/stream" | jq -c '[.records, .fields.txt.count]')" '[25,25]'

done_testing
