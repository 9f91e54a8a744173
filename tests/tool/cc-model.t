#!/bin/sh
. "$(dirname "$0")/lib.sh"

write_tiny_config '1, 2'
init() { cc-model init "$T/config.json" --vocab "$T/vocab.txt" "$@"; }

init -o "$T/a.safetensors"
init -o "$T/b.safetensors"
init --seed 1 -o "$T/c.safetensors"
ok "the same seed, the same bytes" cmp "$T/a.safetensors" "$T/b.safetensors"
ok "another seed, another digest" [ "$(cc-model info --table "$T/a.safetensors" | head -1)" != "$(cc-model info --table "$T/c.safetensors" | head -1)" ]
info() { cc-model info --json "$T/a.safetensors" | jq -c "$1"; }
is "the vocabulary's size is filled in" "$(info '[.vocabulary, .config.text_cfg.vocab_size]')" '[517,517]'
is "provenance has the command and seed" "$(info '.provenance.prog[0] | [.name, .seed]')" '["cc-model init",0]'
is "parameters by tower" "$(info '[.parameters.image, .parameters.text, .parameters.all]')" '[3068,5184,8253]'
is "--table has the same numbers" "$(cc-model info --table "$T/a.safetensors" | grep ^all)" "all               8253"
is "an old vocabulary file is truncated to the size of the table" "$(
	sed 's/"width": 8/"vocab_size": 516, "width": 8/' "$T/config.json" >"$T/516.json"
	cc-model init "$T/516.json" --vocab "$T/vocab.txt" -o "$T/d.safetensors" && cc-model info --json "$T/d.safetensors" | jq .vocabulary)" 516
fails_with "vocab_size: missing; add it, or give the vocabulary with --vocab FILE" cc-model init "$T/config.json" -o "$T/no"
fails_with "-o FILE is missing" cc-model init "$T/516.json"
echo '{"embed_dim": 8' >"$T/bad.json"
fails_with "bad.json: line" cc-model init "$T/bad.json" -o "$T/no"
sed 's/"heads": 2/"heads": 3/' "$T/516.json" >"$T/bad.json"
fails_with "bad.json: text_cfg: heads: the width, 8, is not a multiple of 3" cc-model init "$T/bad.json" -o "$T/no"
sed 's/516/16777216/; s/"width": 8/"width": 65536/' "$T/516.json" >"$T/bad.json"
fails_with "too large" cc-model init "$T/bad.json" -o "$T/no"
for model in RN50 RN101 RN50x4 ViT-B-32 ViT-B-32-quickgelu ViT-B-16 ViT-L-14; do
	is "$model has as many parameters as open_clip's" "$(cc-model info --json --batch 1 pipelines/models/$model.json | jq -r '.parameters | [.image, .text, .all] | @tsv')" \
		"$(awk -v m=$model '$1 == m { print $2 "\t" $3 "\t" $4 }' tests/golden/counts.tsv)"
done
tower() { cc-model info --table --batch 1 "pipelines/models/$1.json" | grep "^$2 " | tr -s ' '; }
is "RN50: the image tower's parameters" "$(tower RN50 image | cut -d ' ' -f 2)" 38316896
is "RN50: the text tower's parameters" "$(tower RN50 text | cut -d ' ' -f 2)" 63690240
is "RN50: all parameters, with the logit scale" "$(tower RN50 all)" "all $((38316896 + 63690240 + 1))"
is "ViT-B/32: all parameters" "$(tower ViT-B-32 all)" "all 151277313"
is "preprocessing of RN50x4" "$(tower RN50x4 image | cut -d ' ' -f 4-)" "modified_resnet, 288x288, bicubic, center"
is "operations of ViT-B/32" "$(cc-model info --json --batch 1 pipelines/models/ViT-B-32.json | jq '.cost | [.flop_image, .flop_text | . / 1e8 | round / 10]')" "$(printf '[\n  8.3,\n  5.6\n]')"
ok "two records need more memory than one" [ "$(cc-model info --json --batch 2 "$T/a.safetensors" | jq .cost.bytes_clip)" -gt "$(cc-model info --json --batch 1 "$T/a.safetensors" | jq .cost.bytes_clip)" ]
fails_with "No such file" cc-model info "$T/none"
fails_with "missing argument; usage: cc-model info MODEL|CONFIG" cc-model info
ok "failed runs leave no file" [ ! -e "$T/no" ]
ok "--man prints a manual page" sh -c "cc-model info --man | grep -q '^.TH'"

# safetensors in Python, if installed.
if python=build/venv/bin/python && [ -x $python ] && $python -c 'import safetensors, numpy' 2>/dev/null; then
	ok "Python's safetensors reads the model" $python - "$T/a.safetensors" <<'END'
import sys
from safetensors import safe_open
f = safe_open(sys.argv[1], "np")
assert f.get_tensor("visual.layer2.1.conv2.weight").shape == (8, 8, 3, 3)
assert f.get_tensor("visual.bn1.num_batches_tracked").dtype == "int64"
assert f.get_tensor("logit_scale").shape == () and f.metadata()["format"] == "pt"
END
else
	skip "Python's safetensors reads the model" "no safetensors in build/venv"
fi

done_testing
