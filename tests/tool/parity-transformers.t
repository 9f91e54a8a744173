#!/bin/sh
# Small CLIP models written by transformers, sharded or not, give the same embeddings after import (if it and PyTorch are installed).
. "$(dirname "$0")/lib.sh"

python=build/venv/bin/python
export PYTHONPATH=$PWD/build/transformers
$python -c 'import torch, safetensors; from transformers import CLIPModel' 2>"$T/err" || skip_all "no PyTorch and transformers under build ($(tail -1 "$T/err"))"
printf '#version: 0.2\np h\nph o\nt h\n' >"$T/vocab.txt"
trial() { # NAME ACTIVATION IMAGE_HEADS TEXT_HEADS SHARD_SIZE WEIGHTS
	mkdir -p "$T/hf"
	$python tests/tool/parity_transformers.py make "$T/hf" "$2" "$3" "$4" "$5" 2>"$T/err"
	cc-model import -q "$T/hf/$6" --config "$T/hf/config.json" --vocab "$T/vocab.txt" -o "$T/model.safetensors" &&
		python3 tests/tool/make_stream.py 24 | cc-augment -q -m "$T/model.safetensors" >"$T/in" &&
		cc-embed -q -m "$T/model.safetensors" --image --text --keep -o "$T/out" "$T/in" &&
		cc-view "$T/in" | jq -r 'select(.__key__) | .txt' | cc-model tokens -q -m "$T/model.safetensors" >"$T/tokens"
	is "$1: the same embeddings" "$($python tests/tool/parity_transformers.py compare "$T/hf" "$T/out" "$T/tokens" 2>"$T/err" | cut -d' ' -f 1,3 | tr '\n' ' ')" \
		"image.npy good text.npy good "
	sed 's/^/# /' "$T/err" | tail -2
	rm -r "$T/hf"
}
trial "QuickGELU, heads of width 16 and 8" quick_gelu 4 2 1GB model.safetensors
trial "GELU, heads of width 32 and 16, in shards" gelu 2 1 20KB model.safetensors.index.json
done_testing
