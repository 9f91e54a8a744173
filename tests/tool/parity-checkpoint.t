#!/bin/sh
# Our models in open_clip, if it and PyTorch are installed in build/venv: see parity_checkpoint.py.
. "$(dirname "$0")/lib.sh"

python=build/venv/bin/python
$python -c 'import torch, safetensors, importlib.util, sys; sys.exit(not importlib.util.find_spec("open_clip"))' 2>"$T/err" ||
	skip_all "no PyTorch and open_clip in build/venv ($(tail -1 "$T/err"))"
printf '#version: 0.2\np h\nph o\nt h\n' >"$T/vocab.txt"
text='"text_cfg": {"context_length": 12, "width": 64, "heads": 2, "layers": 2}'
siglip='"preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "interpolation": "bilinear", "resize_mode": "squash"}'
mkdir "$T/model"
model=$T/model/open_clip_model.safetensors
trial() { # NAME CONFIG: a model trained for a few steps, so that all gains have changed
	echo "$2" >"$T/config.json"
	python3 tests/tool/make_stream.py 24 | cc-augment -q -m "$T/config.json" >"$T/in"
	cc-train clip -q --init "$T/config.json" --vocab "$T/vocab.txt" --batch 8 --steps 3 --lr 1e-2 -o "$model" "$T/in" >"$T/log" &&
		cc-embed -q -m "$model" --image --text --keep -o "$T/out" "$T/in" &&
		cc-model config "$model" -o "$T/model/open_clip_config.json" &&
		cc-view "$T/in" | jq -r 'select(.__key__) | .txt' | cc-model tokens -q -m "$model" >"$T/tokens"
	is "$1: open_clip loads it and gives the same embeddings" \
		"$($python tests/tool/parity_checkpoint.py "$T/model" "$T/out" "$T/tokens" 2>"$T/err" | cut -d' ' -f 1,3 | tr '\n' ' ')" "image.npy good text.npy good "
	sed 's/^/# /' "$T/err" | tail -3
}
trial "ViT, QuickGELU" "{\"embed_dim\": 16, \"quick_gelu\": true, \"vision_cfg\": {\"image_size\": 16, \"layers\": 2, \"width\": 64, \"patch_size\": 4}, $text}"
trial "ViT, GELU, pixels as SigLIP's" "{\"model_cfg\": {\"embed_dim\": 16, \"vision_cfg\": {\"image_size\": 16, \"layers\": 2, \"width\": 48,
	\"patch_size\": 8, \"head_width\": 16, \"mlp_ratio\": 2.5}, $text}, $siglip}"
trial "CLIP's ResNet" "{\"embed_dim\": 16, \"vision_cfg\": {\"image_size\": 32, \"layers\": [1, 2, 1, 1], \"width\": 8}, $text}"
done_testing
