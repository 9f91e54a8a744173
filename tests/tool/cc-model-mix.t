#!/bin/sh
# cc-model mix and recalibrate: weights of two models, running statistics from data.
. "$(dirname "$0")/lib.sh"

write_tiny_config '1, 2'
init() { cc-model init "$T/config.json" --vocab "$T/vocab.txt" "$@"; }
digest() { cc-model info --json "$1" | jq -r .digest; }
# MODEL TENSOR: its float32 values, one per line; the last 4 n bytes of the .npy are the numbers
values() { cc-model tensor "$1" "$2" -o "$T/t.npy" && tail -c +129 "$T/t.npy" | od -An -v -t f4 | tr -s ' ' '\n' | sed '/^$/d'; }

version=$(cc-model --version | awk 'NR == 1 { print $2 }')

init --seed 1 -o "$T/a.safetensors"
init --seed 2 -o "$T/b.safetensors"
mix() { cc-model mix "$T/a.safetensors" "$T/b.safetensors" "$@" -o "$T/m.safetensors"; }
mix --weight 0
is "--weight 0 gives the first model" "$(digest "$T/m.safetensors")" "$(digest "$T/a.safetensors")"
mix --weight 1
is "--weight 1 gives the second" "$(digest "$T/m.safetensors")" "$(digest "$T/b.safetensors")"
mix --weight .25
check_mix() { # TENSOR WEIGHT
	values "$T/a.safetensors" "$1" >"$T/va"
	values "$T/b.safetensors" "$1" >"$T/vb"
	values "$T/m.safetensors" "$1" | paste "$T/va" "$T/vb" - |
		awk -v w="$2" '{ d = (1 - w) * $1 + w * $2 - $3; n++; if (d > 1e-6 || d < -1e-6) wrong++ } END { print (n > 10), wrong + 0 }'
}
is "in between, each value is (1 - W) a + W b" "$(check_mix visual.conv1.weight .25)" "1 0"
is "also in the text tower" "$(check_mix text_projection .25)" "1 0"
mix --weight 2
is "a weight above 1 extrapolates" "$(check_mix text_projection 2)" "1 0"
mix --weight -.5
is "a weight below 0 subtracts" "$(check_mix visual.conv1.weight -.5)" "1 0"
mix --weight .5 --image-weight 0 --text-weight 1
is "each tower has its own weight" "$(check_mix visual.conv1.weight 0) $(check_mix text_projection 1)" "1 0 1 0"
mix
is "the default weight is a half" "$(check_mix text_projection .5)" "1 0"
is "provenance names both models" "$(cc-view --provenance "$T/m.safetensors" | sed 's/: "[0-9a-f]\{32\}"/: DIGEST/')" "# from:
    # digest: DIGEST
    cc-model init --vocab $(cc-view --provenance "$T/a.safetensors" | sed 's/.*--vocab \([^ ]*\).*/\1/')  # $version, seed 1
# to:
    # digest: DIGEST
    cc-model init --vocab $(cc-view --provenance "$T/a.safetensors" | sed 's/.*--vocab \([^ ]*\).*/\1/')  # $version, seed 2
cc-model mix  # $version, seed 0"

fails_with "-o FILE is missing" cc-model mix "$T/a.safetensors" "$T/b.safetensors"
fails_with "--weight" mix --weight 11
write_tiny_config '1, 1'
cc-model init "$T/config.json" --vocab "$T/vocab.txt" -o "$T/c.safetensors"
fails_with "a.safetensors, $T/c.safetensors: the models have different shapes: " cc-model mix "$T/a.safetensors" "$T/c.safetensors" -o "$T/no"
write_tiny_config '1, 2'
sed '$d' "$T/vocab.txt" >"$T/other.txt"
echo 'x y' >>"$T/other.txt"
cc-model init "$T/config.json" --vocab "$T/other.txt" -o "$T/c.safetensors"
fails_with "different vocabularies: their text towers cannot be mixed" cc-model mix "$T/a.safetensors" "$T/c.safetensors" -o "$T/no"
sed 's/"vision_cfg"/"preprocess_cfg": {"mean": [0.5, 0.5, 0.5]}, "vision_cfg"/' "$T/config.json" >"$T/mean.json"
cc-model init "$T/mean.json" --vocab "$T/vocab.txt" -o "$T/c.safetensors"
fails_with "normalise pixels with different means" cc-model mix "$T/a.safetensors" "$T/c.safetensors" -o "$T/no"
sed 's/"quick_gelu": true/"quick_gelu": false/' "$T/config.json" >"$T/gelu.json"
sed 's/"heads": 2/"heads": 4/' "$T/config.json" >"$T/heads.json"
for field in gelu heads; do cc-model init "$T/$field.json" --vocab "$T/vocab.txt" -o "$T/$field.safetensors"; done
fails_with "the models have different configurations: quick_gelu" cc-model mix "$T/a.safetensors" "$T/gelu.safetensors" -o "$T/no"
fails_with "the models have different configurations: text_cfg: heads" cc-model mix "$T/a.safetensors" "$T/heads.safetensors" -o "$T/no"
is "nothing was written" "$(ls "$T" | grep -c '^no')" 0

# Recalibration on 40 images, in batches of 16: two full ones
python3 - "$T" <<'PY'
import random, struct, sys, tarfile, io
random.seed(1)
with tarfile.open(sys.argv[1] + "/images.tar", "w") as tar:
    for i in range(40):
        data = b"P6 8 8 255\n" + bytes(random.randrange(256) for _ in range(192))
        info = tarfile.TarInfo("%03d.ppm" % i)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
PY
images() { cc-shard read -q "$@" "$T/images.tar" | cc-augment -q -m "$T/a.safetensors"; }
recalibrate() { cc-model recalibrate -q -m "$T/a.safetensors" -o "$T/r.safetensors" "$@"; }
images | recalibrate --batch 16
STATISTIC=$(cc-model tensor "$T/a.safetensors" | cut -f1 | grep running_mean | head -1)
is "parameters do not change" "$(values "$T/r.safetensors" visual.conv1.weight | md5sum)" "$(values "$T/a.safetensors" visual.conv1.weight | md5sum)"
ok "running statistics do" [ "$(values "$T/r.safetensors" "$STATISTIC" | md5sum)" != "$(values "$T/a.safetensors" "$STATISTIC" | md5sum)" ]
values "$T/r.safetensors" "$STATISTIC" >"$T/both"
images --take 16 | recalibrate --batch 16
values "$T/r.safetensors" "$STATISTIC" >"$T/first"
images --skip 16 --take 16 | recalibrate --batch 16
values "$T/r.safetensors" "$STATISTIC" | paste "$T/both" "$T/first" - >"$T/three"
is "they are the mean over full batches" "$(awk '{ d = $1 - ($2 + $3) / 2; n++; if (d > 1e-6 || d < -1e-6) wrong++ } END { print (n > 1), wrong + 0 }' "$T/three")" "1 0"
images | recalibrate --batch 16
one=$(digest "$T/r.safetensors")
images | recalibrate --batch 16 -j 3
is "any number of threads gives the same model" "$(digest "$T/r.safetensors")" "$one"
images | recalibrate --batch 64
ok "a single batch may be smaller" [ -s "$T/r.safetensors" ]
is "provenance has the images' commands and the model" "$(cc-view --provenance "$T/r.safetensors" | tr -s ' ' | sed 's/^ //' | cut -d' ' -f1-3)" "# model:
# digest: \"$(digest "$T/a.safetensors")\"
cc-model init --vocab
cc-shard read #
cc-augment --size 12
cc-model recalibrate --model"
fails_with "at least 2 images are needed" sh -c 'cc-shard read -q --take 1 "$0/images.tar" | cc-augment -q --size 12 | cc-model recalibrate -m "$0/a.safetensors" -o "$0/no"' "$T"
fails_with "-m MODEL is missing" cc-model recalibrate -o "$T/no"
echo '{"embed_dim": 8, "quick_gelu": true, "vision_cfg": {"image_size": 12, "layers": 1, "width": 64, "patch_size": 4},
	"text_cfg": {"context_length": 12, "width": 8, "heads": 2, "layers": 1}}' >"$T/vit.json"
cc-model init "$T/vit.json" --vocab "$T/vocab.txt" -o "$T/vit.safetensors"
images >"$T/images.cc"
fails_with "vit.safetensors: the model has no batch norms" cc-model recalibrate -m "$T/vit.safetensors" -o "$T/no" "$T/images.cc"
fails_with "is 12x12, but the model takes 16x16" sh -c 'sed "s/\"image_size\": 12/\"image_size\": 16/" "$0/config.json" >"$0/16.json" && cc-model init "$0/16.json" --vocab "$0/vocab.txt" -o "$0/16.safetensors" &&
	cc-model recalibrate --any-pixels -m "$0/16.safetensors" -o "$0/no" "$0/images.cc"' "$T"
done_testing
