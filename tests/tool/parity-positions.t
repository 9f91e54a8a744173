#!/bin/sh
# Position embeddings resized by cc-model import, against open_clip's own functions, if it and PyTorch are installed in build/venv.
. "$(dirname "$0")/lib.sh"

python=build/venv/bin/python
$python -c 'import sys; sys.path.insert(0, "tests/golden"); import positions, safetensors' 2>"$T/err" ||
	skip_all "no PyTorch and open_clip in build/venv ($(tail -1 "$T/err"))"
printf '#version: 0.2\np h\n' >"$T/vocab.txt"
model() { # IMAGE_SIZE CONTEXT
	echo "{\"embed_dim\": 8, \"vision_cfg\": {\"image_size\": $1, \"layers\": 1, \"width\": 64, \"patch_size\": 4},
		\"text_cfg\": {\"context_length\": $2, \"vocab_size\": 515, \"width\": 16, \"heads\": 1, \"layers\": 1}}"
}
model 28 12 >"$T/config.json"
cc-model init "$T/config.json" --vocab "$T/vocab.txt" --seed 3 -o "$T/from.safetensors"
for to in "56 24" "16 7" "32 12" "28 20"; do
	model $to >"$T/to.json"
	cc-model import -q "$T/from.safetensors" --config "$T/to.json" --vocab "$T/vocab.txt" --resize-positions -o "$T/to.safetensors"
	is "resized to image size and context $to" "$($python - "$T" <<'END'
import sys, types
sys.path.insert(0, "tests/golden")
import positions, torch
from safetensors.torch import load_file
old, new = (load_file(f"{sys.argv[1]}/{name}.safetensors") for name in ("from", "to"))
side = round((len(new["visual.positional_embedding"]) - 1) ** .5)
positions.resize_pos_embed(old, types.SimpleNamespace(visual=types.SimpleNamespace(grid_size=(side, side))))
positions.resize_text_pos_embed(old, types.SimpleNamespace(positional_embedding=new["positional_embedding"]))
worst = max(float((old[name] - new[name]).abs().max()) for name in old)
print("good" if old.keys() == new.keys() and worst < 1e-7 else worst)
END
)" good
done
done_testing
