#!/bin/sh
# cc-shard read --regroup: joins members of a sample that are not adjacent.
. "$(dirname "$0")/lib.sh"

make() { python3 tests/tool/make_tar.py "$@"; }
keys() { cc-shard read "$@" | cc-shard keys | tr '\n' ' '; }
members() { for i in 1 2 3 4 5 6 7; do echo "d/$i.$1=$1$i"; done; }
make "$T/sorted.tar" $(for i in 1 2 3 4 5 6 7; do echo "d/$i.txt=txt$i" "d/$i.json={\"k\":$i}" "d/$i.bin=bin$i"; done)
make "$T/apart.tar" $(members txt) $(members json | sed 's/=json\(.\)/={"k":\1}/') $(members bin | tac)
digest=$(cc-shard digest "$T/sorted.tar")

fails_with "members of the sample are not adjacent" cc-shard read "$T/apart.tar" -o "$T/none"
fails_with "(\`cc-shard read --regroup\` reads such a tar)" cc-shard verify "$T/apart.tar"
is "members are joined" "$(cc-shard read --regroup "$T/apart.tar" | cc-shard digest)" "$digest"
is "in the order of their first members" "$(keys --regroup "$T/apart.tar")" "d/1 d/2 d/3 d/4 d/5 d/6 d/7 "
is "the header has the number of samples" "$(cc-shard read --regroup "$T/apart.tar" | cc-view | head -1 | jq .records)" 7
is "a sorted tar is unchanged" "$(cc-shard read --regroup "$T/sorted.tar" | cc-shard digest)" "$digest"
is "the joined samples can be written" "$(cc-shard read --regroup "$T/apart.tar" | cc-shard write -q "$T/mended.tar"; cc-shard verify "$T/mended.tar")" \
	"1 source, 7 records, digest ${digest% *}: whole"
is "--shuffle gives the same records" "$(cc-shard read --regroup --shuffle "$T/apart.tar" | cc-shard digest)" "$digest"
is "in the order of the sorted tar" "$(keys --regroup --shuffle --seed 4 "$T/apart.tar")" "$(keys --shuffle --seed 4 "$T/sorted.tar")"
is "parts of a split add up" "$({ cc-shard read --regroup --split 0/2 "$T/apart.tar"; cc-shard read --regroup --shuffle --split 1/2 "$T/apart.tar"; } | cc-shard digest)" "$digest"
is "and no part is empty" "$(keys --regroup --split 0/2 "$T/apart.tar")" "d/1 d/3 d/5 d/7 "
is "--epochs with --skip and --take" "$(keys --regroup --epochs 2 --skip 2 --take 3 "$T/apart.tar")" "d/3 d/4 d/5 "
is "--where" "$(keys --regroup --where 'txt~txt6' "$T/apart.tar")" "d/6 "
is "--fields" "$(cc-shard read --regroup --fields bin "$T/apart.tar" | cc-view | sed -n 3p)" '{"__key__": "d/1", "bin": {"bytes": 4}}'
is "--rename and --key-prefix" "$(cc-shard read --regroup --rename bin=txt2 --key-prefix 'x-' "$T/apart.tar" | cc-view | sed -n 3p | jq -c keys_unsorted)" \
	'["__key__","txt","json","txt2"]'
make "$T/more.tar" d/1.txt=other e/1.txt=x d/1.cls=3
is "several tars with the same keys" "$(keys --regroup "$T/apart.tar" "$T/more.tar")" "d/1 d/2 d/3 d/4 d/5 d/6 d/7 d/1 e/1 "
is "are joined separately" "$(cc-shard read --regroup "$T/apart.tar" "$T/more.tar" | cc-view | jq -c 'select(.cls) | [.__key__, .txt]')" '["d/1","other"]'

# Samples of many pieces, and members without a sample.
make "$T/twice.tar" a.txt=1 b.txt=2 a.txt=3
fails_with "sample a: byte 2048: second field txt: duplicate key" cc-shard read --regroup "$T/twice.tar" -o "$T/none"
make "$T/many.tar" $(for i in $(seq 600); do echo "a.x$i=1" "b.x$i=2"; done)
is "a sample of hundreds of pieces" "$(cc-shard read --regroup "$T/many.tar" | cc-view --jsonl | sed -n 3p | jq length)" 601
make "$T/hostile.tar" $(for i in $(seq 1100); do echo "a.x$i=1" "b.x$i=2"; done)
fails_with "a sample of more than 1024 pieces" cc-shard read --regroup "$T/hostile.tar" -o "$T/none"
truncate -s 3000 "$T/apart.tar"
fails_with "apart.tar: " cc-shard read --regroup "$T/apart.tar" -o "$T/none"
gzip -k "$T/sorted.tar"
fails_with "sorted.tar.gz: --regroup needs a seekable file: unpack it first" cc-shard read --regroup "$T/sorted.tar.gz"
fails_with "standard input: --regroup needs a seekable file" sh -c "cc-shard read --regroup - <'$T/sorted.tar'"
mkdir "$T/folder" && echo x >"$T/folder/a.txt"
fails_with "folder: --regroup applies to tars only" cc-shard read --regroup "$T/folder"
fails_with "--regroup, which need complete tars" cc-shard read --regroup --lenient "$T/sorted.tar"
ok "none of these wrote an output" [ ! -e "$T/none" ]

done_testing
