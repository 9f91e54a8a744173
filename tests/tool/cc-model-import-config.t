#!/bin/sh
# The configuration of an imported model: Hugging Face's files, published names, attention heads that shapes do not show, preprocessing.
. "$(dirname "$0")/lib.sh"

weights() { python3 tests/tool/make_weights.py "$T/a.safetensors" "$@"; }
numbers() { cc-model tensor "$1" | sort; }
config() { cc-model config "$T/b.safetensors" | jq -c "$1"; }

# A model of width 64 with 4 and 2 heads, which no shape shows.
cat >"$T/config.json" <<'END2'
{"embed_dim": 8, "quick_gelu": false, "vision_cfg": {"image_size": 8, "layers": 2, "width": 64, "head_width": 16, "patch_size": 4, "mlp_ratio": 2},
 "text_cfg": {"context_length": 12, "vocab_size": 517, "width": 8, "heads": 2, "layers": 1}}
END2
cc-model init "$T/config.json" --seed 7 -o "$T/a.safetensors"
mkdir "$T/hf"
weights hf "$T/hf/model.safetensors"
text='"hidden_size": 8, "intermediate_size": 32, "num_attention_heads": 2, "num_hidden_layers": 1, "hidden_act": "gelu", "max_position_embeddings": 12, "vocab_size": 517'
image='"hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 4, "num_hidden_layers": 2, "hidden_act": "gelu", "image_size": 8, "patch_size": 4'
import() { cc-model import "$T/hf/model.safetensors" --config "$T/hf/config.json" -o "$T/b.safetensors" "$@"; }
hf() { # JSON of the whole, and the import's options
	echo "$1" >"$T/hf/config.json" && shift && import "$@"
}
whole() { hf "{\"model_type\": \"clip\", \"projection_dim\": 8, \"text_config\": {$text}, \"vision_config\": {$image}${1:+, $1}}"; }
ok "a Hugging Face configuration" whole
is "gives all of open_clip's" "$(config .model_cfg)" \
	'{"embed_dim":8,"quick_gelu":false,"vision_cfg":{"image_size":8,"layers":2,"width":64,"patch_size":4,"head_width":16,"mlp_ratio":2},"text_cfg":{"context_length":12,"vocab_size":517,"width":8,"heads":2,"layers":1}}'
cp "$T/b.safetensors" "$T/whole.safetensors"
cp "$T/hf/config.json" "$T/whole.json"
ok "sizes as pairs, an end token, settings for generation and training" hf "$(jq -c '.vision_config.image_size = [8, 8] | .vision_config.patch_size = [4, 4] |
	.text_config.eos_token_id = 516 | .text_config.attention_dropout = .1 | .text_config.id2label = {"0": "x"} | .torch_dtype = "float32" |
	.vision_config.layer_norm_eps = 1e-5 | .vision_config.num_channels = 3 | .text_config.model_type = "clip_text_model"' "$T/whole.json")"
is "give the same model" "$(config .model_cfg)" "$(cc-model config "$T/whole.safetensors" | jq -c .model_cfg)"
ok "the historical wrong end token" hf "$(jq -c '.text_config.eos_token_id = 2' "$T/whole.json")"
hf "$(jq -c '.text_config_dict = .text_config | .text_config.num_attention_heads = 4 | .vision_config_dict = .vision_config | .vision_config = {}' "$T/whole.json")"
is "text_config_dict takes precedence" "$(config '[.model_cfg.text_cfg.heads, .model_cfg.vision_cfg.head_width]')" "[2,16]"
hf "$(jq -c '.text_config |= del(.num_attention_heads)' "$T/whole.json")"
is "missing values have transformers' defaults" "$(config .model_cfg.text_cfg.heads)" 8
is "unknown values are listed" "$(hf "$(jq -c '.text_config.rope = 1 | .colour = "red"' "$T/whole.json")" 2>&1 | grep -o "ignored, .*")" \
	"ignored, as in transformers' CLIPModel: colour, text_config.rope"
ok "transformers' default number of heads does not fit the tower" sh -c '
	jq -c "del(.vision_config.num_attention_heads)" "$0/whole.json" >"$0/hf/config.json" &&
	cc-model import "$0/hf/model.safetensors" --config "$0/hf/config.json" -o "$0/b.safetensors" 2>&1 | grep -q "heads is a guess: 1 of the image tower;"' "$T"

# Unsupported values are refused by name.
change() { fails_with "$1" hf "$(jq -c "$2" "$T/whole.json")" -o "$T/no"; }
change "model_type: 'siglip' is not supported; supported: clip" '.model_type = "siglip"'
change "text_config: model_type: 'bert' is not supported" '.text_config.model_type = "bert"'
change "text_config: layer_norm_eps: only 1e-05 is supported" '.text_config.layer_norm_eps = 1e-6'
change "vision_config: layer_norm_eps: only 1e-05" '.vision_config.layer_norm_eps = 1e-6'
change "vision_config: num_channels: only 3" '.vision_config.num_channels = 1'
change "vision_config: hidden_act: 'relu' is not supported; supported: gelu, quick_gelu" '.vision_config.hidden_act = "relu"'
change "hidden_act: text_config and vision_config differ" '.vision_config.hidden_act = "quick_gelu"'
change "eos_token_id: 3 is not supported; supported: 516 (the last token) or 2" '.text_config.eos_token_id = 3'
change "eos_token_id: 49407 is not supported; supported: 49408 (the last token) or 2" 'del(.text_config.eos_token_id) | .text_config.vocab_size = 49409'
change "text_config: must be a map" '.text_config = [1]'
change "eos_token_id: must be a token" '.text_config.eos_token_id = [1, 2]'
change "vision_config: image_size: must be a whole number" '.vision_config.image_size = [8, 12]'
change "the image tower's width, 64, is not a multiple of its 5 attention heads" '.vision_config.num_attention_heads = 5'
change "quantization_config: quantized weights" '.quantization_config = {"bits": 4}'
# The weights must match the configuration.
change "visual.conv1.weight (64x3x4x4 in the file, 64x3x2x2 expected)" '.vision_config.patch_size = 2'
change "missing: visual.transformer.resblocks.2." '.vision_config.num_hidden_layers = 3'
change "unexpected: vision_model.encoder.layers.1." '.vision_config.num_hidden_layers = 1'
change "mlp.c_fc.weight (128x64 in the file, 64x64 expected)" '.vision_config.intermediate_size = 64'
change "text_projection (8x8 in the file, 4x8 expected)" '.projection_dim = 4'
change "positional_embedding (12x8 in the file, 10x8 expected)" '.text_config.max_position_embeddings = 10'
change "token_embedding.weight (517x8 in the file, 520x8 expected)" '.text_config.vocab_size = 520'
ok "nothing was written" [ ! -e "$T/no" ]

# Attention heads that no file gives.
weights safetensors "$T/in"
plain() { cc-model import "$T/in" --activation gelu -o "$T/b.safetensors" "$@"; }
ok "--heads" plain --heads 4,2
is "sets the heads of both towers" "$(config '[.model_cfg.vision_cfg.head_width, .model_cfg.text_cfg.heads]')" "[16,2]"
ok "towers too narrow for two heads of 64: a warning, with -q too" sh -c 'cc-model import -q "$0/in" --activation gelu -o "$0/b.safetensors" 2>&1 |
	grep -q "the number of attention heads is a guess: 1 of the image tower, 1 of the text tower"' "$T"
fails_with "--heads: '4' is not two positive numbers, IMAGE,TEXT" plain --heads 4 -o "$T/no"
fails_with "the image tower's width, 64, is not a multiple of its 5 attention heads" plain --heads 5,2 -o "$T/no"
cp "$T/whole.json" "$T/hf/config.json"
fails_with "--heads: 8,2, but the configuration has num_attention_heads 4 and 2" import --heads 8,2 -o "$T/no"
fails_with "--activation: quick_gelu contradicts $T/hf/config.json" import --activation quick_gelu -o "$T/no"
fails_with "--heads: already set by $T/config.json" cc-model import "$T/in" --config "$T/config.json" --heads 4,2 -o "$T/no"
tower() { # WIDTH LAYERS PATCH MLP TEXT_WIDTH: a small file with these shapes, all values equal
	python3 - "$T/shapes" "$@" <<'END2'
import json, struct, sys
path, (width, layers, patch, hidden, text) = sys.argv[1], map(int, sys.argv[2:])
shapes = {"logit_scale": [], "positional_embedding": [2, text], "text_projection": [text, 2], "token_embedding.weight": [517, text], "visual.proj": [width, 2],
          "visual.class_embedding": [width], "visual.positional_embedding": [2, width], "visual.conv1.weight": [width, 3, patch, patch]}
for part in "ln_final", "visual.ln_pre", "visual.ln_post":
    shapes |= {part + ".weight": [width if "visual" in part else text], part + ".bias": [width if "visual" in part else text]}
for begin, n, w, h in ("", 12, text, 4 * text), ("visual.", layers, width, hidden):
    for i in range(n):
        shapes |= {f"{begin}transformer.resblocks.{i}.ln_1.weight": [w], f"{begin}transformer.resblocks.{i}.mlp.c_fc.weight": [h, w]}
header, end = {}, 0
for name, shape in shapes.items():
    size = 4
    for side in shape:
        size *= side
    header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + size]}
    end += size
text = json.dumps(header).encode()
with open(path, "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text)
    f.truncate(8 + len(text) + end)
END2
	cc-model import "$T/shapes" --activation gelu -o "$T/no"
}
fails_with "no published image tower has these shapes (width 256)" tower 256 2 4 1024 512
fails_with "use --config FILE, --config NAME or --heads IMAGE,TEXT" tower 768 11 32 3072 512
fails_with "no published text tower has these shapes (width 576)" tower 768 12 32 3072 576
fails_with "no published image tower has these shapes (width 1280)" tower 1280 2 14 5120 512
fails_with "the weights do not match the configuration: missing: visual" tower 1280 32 14 5120 512
weights safetensors "$T/bare" drop=visual.ln_pre.weight drop=visual.ln_pre.bias
fails_with "visual.ln_pre.weight: missing: image towers without it differ in ways that shapes do not show" cc-model import "$T/bare" --activation gelu --heads 4,2 -o "$T/no"

# Published names.
for file in pipelines/models/[RV]*.json; do
	name=${file##*/}
	cc-model config "${name%.json}" | jq -cS '.model_cfg.vision_cfg |= del(.head_width, .mlp_ratio)' >"$T/named"
	cc-model config "$file" | jq -cS . >"$T/filed"
	ok "$name: the name gives the same model as its file" cmp "$T/named" "$T/filed"
done
is "ViT-H-14 has heads of width 80" "$(cc-model config ViT-H-14 | jq -c '[.model_cfg.vision_cfg.head_width, .model_cfg.text_cfg.heads]')" "[80,16]"
is "ViT-bigG-14 has heads of width 104" "$(cc-model config ViT-bigG-14-quickgelu | jq -c '[.model_cfg.vision_cfg.head_width, .model_cfg.quick_gelu]')" "[104,true]"
fails_with "--config: ViT-B-33: no such file or published architecture (architectures, each also with -quickgelu: RN50, RN101, " \
	cc-model import "$T/in" --config ViT-B-33 -o "$T/no"
fails_with "missing: visual.transformer.resblocks.2." cc-model import "$T/in" --config ViT-B-32 -o "$T/no"
fails_with "No such file" cc-model info ViT-B-33

# Preprocessing: processor_config.json and preprocessor_config.json, next to the configuration or the weights.
processor='{"do_resize": true, "size": {"shortest_edge": 8}, "do_center_crop": true, "crop_size": {"height": 8, "width": 8}, "resample": 2, "do_rescale": true,
	"rescale_factor": 0.00392156862745098, "do_normalize": true, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "do_convert_rgb": true,
	"image_processor_type": "CLIPImageProcessor"}'
is "without such a file the default is reported" "$(import 2>&1 | grep -c "assuming CLIP's preprocessing")" 1
echo "{\"image_processor\": $processor, \"processor_class\": \"CLIPProcessor\"}" >"$T/hf/processor_config.json"
is "processor_config.json is found" "$(import && config '.preprocess_cfg | [.mean, .std, .interpolation, .resize_mode]')" '[[0.5,0.5,0.5],[0.5,0.5,0.5],"bilinear","shortest"]'
cp "$T/hf/processor_config.json" "$T/p.json"
rm "$T/hf/processor_config.json"
is "and used when named" "$(import --preprocess "$T/p.json" && config '.preprocess_cfg | [.mean, .interpolation]')" '[[0.5,0.5,0.5],"bilinear"]'
echo "$processor" >"$T/hf/preprocessor_config.json"
is "preprocessor_config.json is found" "$(import && config .preprocess_cfg.interpolation)" '"bilinear"'
echo '{"processor_class": "CLIPProcessor"}' >"$T/hf/processor_config.json"
is "also next to an older version's processor_config.json" "$(import && config .preprocess_cfg.interpolation)" '"bilinear"'
echo "{\"image_processor\": $(echo "$processor" | jq -c '.resample = 3')}" >"$T/hf/processor_config.json"
fails_with "processor_config.json and $T/hf/preprocessor_config.json disagree; choose one with --preprocess FILE" import -o "$T/no"
rm "$T/hf/processor_config.json"
mkdir "$T/elsewhere"
cp "$T/hf/config.json" "$T/elsewhere"
is "files next to the weights" "$(cc-model import "$T/hf/model.safetensors" --config "$T/elsewhere/config.json" -o "$T/b.safetensors" && config .preprocess_cfg.interpolation)" '"bilinear"'
pixels() { echo "$processor" | jq -c "$1" >"$T/p.json" && import --preprocess "$T/p.json"; }
pixels '.do_normalize = false'
is "do_normalize false" "$(config '.preprocess_cfg | [.mean, .std] | map(map(. + 0))')" '[[0,0,0],[1,1,1]]'
pixels '.rescale_factor = 1 / 127.5'
is "another rescale_factor" "$(config '.preprocess_cfg | [.mean, .std]')" '[[0.25,0.25,0.25],[0.25,0.25,0.25]]'
pixels '.do_rescale = false | .image_mean = [127.5, 127.5, 127.5] | .image_std = [255, 255, 255]'
is "do_rescale false" "$(config '.preprocess_cfg | [.mean, .std] | map(map(. + 0))')" '[[0.5,0.5,0.5],[1,1,1]]'
pixels '.size = 8 | .default_to_square = true | .resample = "bicubic"'
is "a single number means a square" "$(config '.preprocess_cfg | [.resize_mode, .interpolation]')" '["squash","bicubic"]'
refuses() { echo "$2" >"$T/p.json" && fails_with "$1" import --preprocess "$T/p.json" -o "$T/no"; }
refuses "preprocess_cfg: size: 224, but the image tower takes 8" '{"image_processor_type": "CLIPImageProcessor"}'
refuses "p.json: a Git LFS pointer, not a preprocessing configuration (JSON): \`git lfs pull\`" 'version https://git-lfs.github.com/spec/v1'
refuses "p.json: has no image_processor" '{"processor_class": "CLIPProcessor"}'
refuses "p.json: image_mean: must be a list of three numbers" '{"size": 8, "crop_size": 8, "rescale_factor": 0.5, "image_mean": 0.5, "image_std": [1, 1, 1]}'
refuses "crop_size: 224, but size is 8" '{"image_processor_type": "CLIPFeatureExtractor", "size": 8}'
echo '{"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 8}, "crop_size": 8}' >"$T/p.json"
import --preprocess "$T/p.json"
is "defaults of CLIP's processor" "$(config '.preprocess_cfg | [.mean[0], .std[2], .interpolation, .resize_mode]')" '[0.48145466,0.27577711,"bicubic","shortest"]'
done_testing
