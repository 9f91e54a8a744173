#!/bin/sh
# The manual's commands, as they stand there and in their order, beside a copy of this tree that they may change.
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL
mkdir -p "$T/cleanclip/build"
cp -a Makefile libcommon formats tools pipelines "$T/cleanclip"
for part in obj bin libcc.a flags sources; do
	[ ! -e "build/$part" ] || cp -a "build/$part" "$T/cleanclip/build"
done
PATH=$T/cleanclip/build/bin:$PATH
make_block_data
python3 tests/tool/make_crawl.py "$T/crawl" 3 40
cc-shard read -q "$T/train.tar" | cc-model vocab -q --size 600 -o "$T/vocab.txt"
echo '{"embed_dim": 16, "quick_gelu": true, "vision_cfg": {"image_size": 16, "layers": 1, "width": 64, "patch_size": 8},
	"text_cfg": {"context_length": 16, "width": 64, "heads": 1, "layers": 1}}' >"$T/vit.json"
cc-model init "$T/vit.json" --vocab "$T/vocab.txt" -o "$T/vit.safetensors"
python3 tests/tool/make_weights.py "$T/vit.safetensors" training "$T/published.pt"

run_blocks pipelines/MANUAL.md
ok "the own attack is in the list" grep -q checker "$(grep -l checker "$T"/out* | head -1)"
ok "and on a sheet" grep -q PNG "$T/checker.png"
is "three nodes' parts are the whole" "$(cc-shard digest "$T/small")" \
	"$(cd "$T" && cc-shard read --seed 1 train.tar | cc-augment --seed 1 --size 32 --image autoaugment --text eda | cc-shard digest)"
is "jq left no cat" "$(cc-shard read "$T/no-cats.tar" | cc-view | jq -c 'select(.cls) | .cls' | sort -u | tr '\n' ' ')" "0 1 2 4 5 6 7 8 9 "
is "and poisoned the trucks" "$(cc-shard read "$T/trucks.tar" | cc-view | jq -r 'select(."poison.json") | .cls' | sort -u)" 9
ok "make made the report" [ -s "$T/runs/report.html" ]
is "a cut shard: what is whole of it was saved" "$(($(cc-shard read "$T/rest.tar" | cc-view | grep -c __key__) > 20))" 1
cc-shard read "$T/long.tar" | cc-view >"$T/long.jsonl"
is "a stage in Python has dropped some, and says so" "$(jq -c 'select(.__key__).txt | select(length < 24)' "$T/long.jsonl" | wc -l) \
$(head -1 "$T/long.jsonl" | jq -c '[(.prog | map(.name) | contains(["long.py"])), .records < 700]')" '0 [true,true]'
is "a subset by keys" "$(cc-shard keys "$T/only-trucks.tar" | sort | cksum)" "$(sort "$T/trucks.keys" | cksum)"
ok "a curve without a page" grep -q '<svg' "$T/loss.svg"
is "both scores of a model are one row" "$(grep -c '<th scope="row">' "$T/report.html")" 1
done_testing
