#!/bin/sh
# The README's commands, pasted unchanged, on a small part of the demo's data.
. "$(dirname "$0")/lib.sh"
PATH=$PWD/build/bin:$PATH
make_block_data
# A small stand-in for OpenAI's published models: a TorchScript archive, whose configuration follows from names and shapes.
echo '{"embed_dim": 16, "quick_gelu": true, "vision_cfg": {"image_size": 16, "layers": 1, "width": 64, "patch_size": 8},
	"text_cfg": {"context_length": 16, "width": 64, "heads": 1, "layers": 1}}' >"$T/vit.json"
cc-shard read -q "$T/clean.tar" | cc-model vocab -q --size 600 -o "$T/bpe_simple_vocab_16e6.txt"
cc-model init "$T/vit.json" --vocab "$T/bpe_simple_vocab_16e6.txt" -o "$T/vit.safetensors"
python3 tests/tool/make_weights.py "$T/vit.safetensors" script "$T/ViT-B-32.pt"
cp "$T/clean.tar" "$T/pairs.tar"
mkdir -p "$T/pipelines/models" "$T/pipelines/templates" "$T/build/demo"
cp pipelines/models/tiny.json "$T/pipelines/models"
cp pipelines/templates/captions.txt "$T/pipelines/templates"
ln -s ../.. "$T/build/demo/data"

run_blocks README.md
is "the README has blocks" "$((blocks > 2))" 1
is "no pipe fails" "$(grep -h "upstream ended early" "$T"/err*)" ""
is "four scores are printed" "$(jq -rs 'map(.metric) | join(" ")' "$T/out1")" "zeroshot asr zeroshot asr"
ok "the contact sheet is written" grep -q PNG "$T/sheet.png"
ok "provenance names the attack" grep -q 'blended:pattern=1' "$T/out2"
ok "the Python stage changes captions to capitals" grep -q '"txt": "[A-Z ,.]*"' "$T/out6"
is "each pair has a CLIP score" "$(cc-view "$T/scores.msgpack" | jq -s 'map(select(.__key__)) | length > 100')" true
ok "pairs have captions" sh -c 'cc-shard read "$0" | cc-view | grep -q "\"txt\": \"a small, square photo\""' "$T/pairs-0000.tar"
ok "photos have captions from templates" sh -c 'cc-shard read "$0" | cc-view | grep -q "\"txt\": \".*frog"' "$T/mine-0000.tar"
is "the cleaned model is a QuickGELU model for open_clip" "$(jq .model_cfg.quick_gelu "$T/open_clip_config.json")" true
done_testing
