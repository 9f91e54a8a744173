#!/bin/sh
# --freeze keeps the named parts unchanged and no others; a probe and a supervised head on each image tower.
. "$(dirname "$0")/lib.sh"

printf '#version: 0.2\np h\nph o\nt h\n' >"$T/vocab.txt"
printf 'red\ngreen\nblue\n' >"$T/classes.txt"
printf 'a photo of a {} thing\n' >"$T/templates.txt"
text='"text_cfg": {"context_length": 12, "width": 8, "heads": 2, "layers": 1}'
config() {
	case $1 in
	vit) echo "{\"embed_dim\": 8, \"vision_cfg\": {\"image_size\": 16, \"layers\": 1, \"width\": 16, \"head_width\": 8, \"patch_size\": 8}, $text}" ;;
	resnet) echo "{\"embed_dim\": 8, \"vision_cfg\": {\"image_size\": 32, \"layers\": [1, 1, 1, 1], \"width\": 4}, $text}" ;;
	basic) echo "{\"embed_dim\": 8, \"vision_cfg\": {\"image_size\": 16, \"block\": \"basic\", \"width\": 4, \"layers\": [1], \"widths\": [6]}, $text}" ;;
	esac
}
# Prints the parts of a model in which a tensor changed.
changed() {
	python3 - "$1" "$2" <<'END'
import json, struct, sys
def tensors(path):
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__")
    return {k: data[8 + size + v["data_offsets"][0] : 8 + size + v["data_offsets"][1]] for k, v in header.items()}
def part(name):
    if "running_" in name or "num_batches" in name:
        return "statistics"
    return "image" if name.startswith("visual.") else "logit_scale" if name == "logit_scale" else "text"
a, b = map(tensors, sys.argv[1:])
assert a.keys() == b.keys()
print(*sorted({part(k) for k in a if a[k] != b[k]}))
END
}
train() { cc-train "$1" -q -m "$T/m" --batch 4 --lr 1e-2 -o "$T/n" "$T/in" --freeze "$2" ${3:+--freeze "$3"} >"$T/log" && changed "$T/m" "$T/n"; }

for tower in vit resnet basic; do
	statistics=$([ $tower = vit ] || echo " statistics")
	side=$([ $tower = resnet ] && echo 32 || echo 16)
	config $tower >"$T/config.json"
	python3 tests/tool/train_stream.py 36 side=$side aug >"$T/in"
	cc-train clip -q --init "$T/config.json" --vocab "$T/vocab.txt" --batch 6 --lr 1e-2 -o "$T/m" "$T/in" >"$T/log"
	cc-embed -q -m "$T/m" --prompts "$T/classes.txt" --templates "$T/templates.txt" -o "$T/classes.emb"
	is "$tower: --freeze image" "$(train clip image)" "logit_scale text"
	is "$tower: --freeze text" "$(train clip text)" "image logit_scale$statistics"
	is "$tower: --freeze logit_scale" "$(train cleanclip logit_scale)" "image$statistics text"
	is "$tower: --freeze bn" "$(train cleanclip bn)" "image logit_scale text"
	is "$tower: --freeze with two parts" "$(train clip text logit_scale)" "image$statistics"
	is "$tower: supervised does not change the text tower" "$(train supervised bn)" "image"
	ok "$tower: probe runs" cc-train probe -q -m "$T/m" --classes "$T/classes.emb" --batch 4 --lr 1e-1 -o "$T/p" "$T/in"
	is "$tower: probe does not change the model" "$(changed "$T/m" "$T/p")" ""
	is "$tower: its head has a row per class" "$(cc-model tensor "$T/p.head.safetensors" | grep weight | cut -f 3)" 3x8
	python3 tests/tool/train_stream.py 36 side=$side epochs=15 >"$T/in"
	cc-train supervised -q -m "$T/m" --batch 6 --lr 1e-2 -o "$T/s" "$T/in" >"$T/log"
	ok "$tower: supervised learns three colours" jq -es 'last.loss < 0.5' "$T/log"
	python3 tests/tool/train_stream.py 36 side=$side >"$T/in"
	cc-embed -q -m "$T/s" --image --raw "$T/in" | cc-score zeroshot --classes "$T/s.head.safetensors" -o "$T/score"
	ok "$tower: its head classifies them" jq -e '.value > 0.6' "$T/score"
done
done_testing
