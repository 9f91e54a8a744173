#!/bin/sh
# Published models, made from one of ours by make_weights.py: imported unchanged, exported again; and everything that must be refused.
. "$(dirname "$0")/lib.sh"

weights() { python3 tests/tool/make_weights.py "$T/a.safetensors" "$@"; }
import() { cc-model import "$T/in" -o "$T/b.safetensors" --activation quick_gelu "$@"; }
# Only the parameters, without metadata.
numbers() {
	python3 - "$1" <<'END'
import hashlib, json, struct, sys
data = open(sys.argv[1], "rb").read()
size = struct.unpack("<Q", data[:8])[0]
header = json.loads(data[8 : 8 + size])
header.pop("__metadata__")
for name in sorted(header):
    about = header[name]
    print(name, about["dtype"], about["shape"], hashlib.md5(data[8 + size + about["data_offsets"][0] : 8 + size + about["data_offsets"][1]]).hexdigest())
END
}
config() { cc-model config "$T/b.safetensors" | jq -c "$1"; }

cat >"$T/config.json" <<'END'
{"embed_dim": 8, "quick_gelu": true, "vision_cfg": {"image_size": 8, "layers": 2, "width": 64, "patch_size": 4},
 "text_cfg": {"context_length": 12, "width": 8, "heads": 1, "layers": 1}}
END
printf '#version: 0.2\np h\nph o\nt h\n' >"$T/vocab.txt"
printf '#version: 0.2\np h\nph o\n' >"$T/small.txt"
printf '#version: 0.2\np h\nph o\nx y\n' >"$T/other.txt"
cc-model init "$T/config.json" --vocab "$T/vocab.txt" --seed 7 -o "$T/a.safetensors"
numbers "$T/a.safetensors" >"$T/a"

# Import.
for form in safetensors pt training hf; do
	weights $form "$T/in"
	ok "$form" import
	numbers "$T/b.safetensors" >"$T/b"
	ok "$form: the same parameters" cmp "$T/a" "$T/b"
done
is "the configuration is derived from names and shapes" "$(config .model_cfg)" \
	'{"embed_dim":8,"quick_gelu":true,"vision_cfg":{"image_size":8,"layers":2,"width":64,"patch_size":4,"head_width":64,"mlp_ratio":4},"text_cfg":{"context_length":12,"vocab_size":517,"width":8,"heads":1,"layers":1}}'
weights script "$T/in"
ok "a TorchScript archive is OpenAI's and uses QuickGELU" cc-model import "$T/in" -o "$T/b.safetensors"
is "the configuration has QuickGELU" "$(config .model_cfg.quick_gelu)" true
for type in F16 BF16 F64; do
	weights pt "$T/in" type=$type
	ok "$type in PyTorch's format" import
	numbers "$T/b.safetensors" >"$T/b1"
	weights safetensors "$T/in" type=$type
	import
	numbers "$T/b.safetensors" >"$T/b2"
	ok "$type: the same from both formats" cmp "$T/b1" "$T/b2"
done
is "F64 loses nothing" "$(cksum <"$T/b2")" "$(cksum <"$T/a")"

# A model of ours carries its own configuration.
cp "$T/a.safetensors" "$T/in"
ok "importing one of our models" cc-model import "$T/in" -o "$T/b.safetensors"
is "keeps its configuration and vocabulary" "$(cc-model info --json "$T/b.safetensors" | jq -c '[.config, .vocabulary]')" \
	"$(cc-model info --json "$T/a.safetensors" | jq -c '[.config, .vocabulary]')"
is "and its provenance" "$(cc-model info --json "$T/b.safetensors" | jq -c '[.provenance.prog[].name]')" '["cc-model init","cc-model import"]'
weights safetensors "$T/in"
fails_with "the activation cannot be inferred from shapes; use --config $T/config.json" cc-model import "$T/in" -o "$T/no"

# The vocabulary must fit the model; it may be missing.
ok "--vocab" import --vocab "$T/vocab.txt"
fails_with "has 516 tokens, but the model has 517 rows; it belongs to another model" import --vocab "$T/small.txt" -o "$T/no"
cp "$T/a.safetensors" "$T/in"
fails_with "differs from the vocabulary in" cc-model import "$T/in" --vocab "$T/other.txt" -o "$T/no"
python3 tests/tool/edit_safetensors.py "$T/a.safetensors" "vocabulary=$(cat "$T/other.txt")" >"$T/c.safetensors"
fails_with "its digest does not match its contents" cc-model info "$T/c.safetensors"

# Preprocessing.
weights hf "$T/in"
mkdir "$T/hf"
echo '{"text_config": {"hidden_act": "gelu"}, "vision_config": {"hidden_act": "gelu"}}' >"$T/hf/config.json"
pixels() { echo "$1" >"$T/pixels.json" && cc-model import "$T/in" --config "$T/hf/config.json" -o "${2:-$T/b.safetensors}" --preprocess "$T/pixels.json"; }
pixels '{"do_resize": true, "size": {"height": 8, "width": 8}, "resample": 2, "do_rescale": true, "rescale_factor": 0.00392156862745098,
	"do_normalize": true, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "image_processor_type": "SiglipImageProcessor"}'
is "SigLIP's processor" "$(config .preprocess_cfg)" \
	'{"mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5],"mode":"RGB","size":8,"interpolation":"bilinear","resize_mode":"squash","fill_color":0}'
is "the activation from config.json" "$(config .model_cfg.quick_gelu)" false
pixels '{"do_resize": true, "size": 8, "crop_size": 8, "do_center_crop": true, "resample": 3, "image_mean": [0.1, 0.2, 0.3], "image_std": [1, 1, 1]}'
is "CLIP's processor" "$(config '.preprocess_cfg | [.resize_mode, .interpolation, .mean]')" '["shortest","bicubic",[0.1,0.2,0.3]]'
pixels '{"preprocess_cfg": {"mean": [0, 0, 0], "std": [1, 1, 1], "resize_mode": "longest", "fill_color": 9}}'
is "open_clip's configuration" "$(config '.preprocess_cfg | [.resize_mode, .fill_color, .size]')" '["longest",9,8]'
cp "$T/pixels.json" "$T/hf/preprocessor_config.json"
cc-model import "$T/in" --config "$T/hf/config.json" -o "$T/b.safetensors"
is "the file next to config.json is used" "$(config .preprocess_cfg.fill_color)" 9
ok "and is recorded in the provenance" [ "$(cc-model info --json "$T/b.safetensors" | jq '[.provenance.prog[0].args[] == "--preprocess"] | any')" = true ]
refuses() { fails_with "$2" pixels "$1" "$T/no"; }
hf='"image_mean": [0, 0, 0], "image_std": [1, 1, 1]'
refuses "{\"size\": 8, \"crop_size\": 7, $hf}" "pixels.json: crop_size: 7, but size is 8; only equal sizes are supported"
refuses "{\"size\": 9, \"crop_size\": 9, $hf}" "preprocess_cfg: size: 9, but the image tower takes 8"
refuses "{\"size\": {\"shortest_edge\": 8}, \"do_center_crop\": false, $hf}" "do_center_crop: false, but shortest_edge 8 without a crop does not give square images"
refuses "{\"size\": {}, $hf}" "size: must be {\"shortest_edge\": n} or {\"height\": n, \"width\": n}"
refuses "{\"size\": 8, \"crop_size\": 8, \"resample\": 0, $hf}" "resample: only 2 (bilinear) and 3 (bicubic) are supported"
refuses "{\"size\": 8, \"crop_size\": 8, \"do_resize\": false, $hf}" "do_resize: false"
refuses "{\"size\": 8, \"crop_size\": 8, \"rescale_offset\": true, $hf}" "rescale_offset: not supported"
refuses "{\"size\": 8, \"crop_size\": 8, \"do_pad\": true, $hf}" "do_pad: true"
refuses "{\"size\": 8, \"crop_size\": 8, \"rescale_factor\": 0, $hf}" "rescale_factor: must be a number"
refuses '{"size": 8, "crop_size": 8, "image_mean": [0, 0, 0]}' "image_std: missing"
refuses '{"interpolation": "nearest"}' "preprocess_cfg: interpolation: 'nearest' is not supported; supported: bicubic, bilinear"
refuses '{"resize_mode": "tile"}' "preprocess_cfg: resize_mode: 'tile'"
refuses '{"size": [8, 9]}' "size: 9x8 is not a square"
refuses '{"size": "large"}' "size: must be one or two numbers"
refuses '{"fill_color": 256}' "fill_color: must be a number from 0 to 255"
refuses '{"mode": "L"}' "mode: 'L' is not supported; supported: RGB"
refuses '{"mean": 0.5, "hue": 1}' "hue: unknown (known: mean, std, mode"

# What does not fit is listed.
damaged() { reason=$1 && shift && weights "$@" && fails_with "$reason" import -o "$T/no"; }
damaged "missing: ln_final.weight, ln_final.bias" safetensors "$T/in" drop=ln_final.bias drop=ln_final.weight
damaged "unexpected: visual.transformer.resblocks.0.ls_1.gamma" pt "$T/in" add=visual.transformer.resblocks.0.ls_1.gamma
damaged "wrong shape: ln_final.weight (1 in the file, 8 expected), visual.proj (512 in the file, 64x8 expected)" safetensors "$T/in" shape=visual.proj add=ln_final.weight
damaged "2 models in one file, with the prefixes '', 'module.'; choose one with --prefix PREFIX" safetensors "$T/in" twice=logit_scale
damaged "no tensor is named logit_scale, which every CLIP model has" safetensors "$T/in" rename=logit_scale:scale
damaged "missing: transformer.resblocks.0.attn.in_proj_weight" hf "$T/in" drop=text_model.encoder.layers.0.self_attn.k_proj.weight
attention=text_model.encoder.layers.0.self_attn
damaged "missing: transformer.resblocks.0.attn.in_proj_weight; duplicate: transformer.resblocks.0.attn.in_proj_weight" \
	hf "$T/in" rename=$attention.v_proj.weight:$attention.module.q_proj.weight
damaged "positional_embedding: missing: these are not the weights of a CLIP model" hf "$T/in" drop=text_model.embeddings.position_embedding.weight
damaged "ln_final.bias: value 0 of 8 is nan" safetensors "$T/in" nan=ln_final.bias
damaged "token_embedding.weight: value 0 of 4136 is nan" pt "$T/in" nan=token_embedding.weight
weights safetensors "$T/in"
sed 's/"layers": 2/"layers": 3/; s/"width": 8/"vocab_size": 517, "width": 8/' "$T/config.json" >"$T/three.json"
fails_with "missing: visual.transformer.resblocks.2.ln_1.weight, visual.transformer.resblocks.2.ln_1.bias, " cc-model import "$T/in" --config "$T/three.json" -o "$T/no"
sed 's/"patch_size": 4/"patch_size": 2/; s/"width": 8/"vocab_size": 517, "width": 8/' "$T/config.json" >"$T/two.json"
fails_with "wrong shape: visual.conv1.weight (64x3x4x4 in the file, 64x3x2x2 expected), visual.positional_embedding (5x64 in the file, 17x64 expected)" cc-model import "$T/in" --config "$T/two.json" -o "$T/no"

# Malicious files.
weights call "$T/in"
ok "a pickled call next to the weights is not executed" import
ok "and nothing was run" [ ! -e OWNED ]
damaged "more than the expected" bomb "$T/in"
damaged "data.pkl: more than the expected 67108864 bytes" pickle-bomb "$T/in"
damaged "its storage should have 8 numbers, but has 4 bytes" hollow "$T/in"
sed 's/"layers": 2/"layers": 12/' "$T/config.json" >"$T/deep.json"
cc-model init "$T/deep.json" --vocab "$T/vocab.txt" -o "$T/deep.safetensors"
python3 tests/tool/make_weights.py "$T/deep.safetensors" shared "$T/in"
fails_with "its tensors would take more than 16 times the bytes of the file" import -o "$T/no"
weights pt "$T/whole"
head -c 5000 "$T/whole" >"$T/in"
fails_with "$T/in: truncated or damaged: the directory at the end of the ZIP archive cannot be read: " import -o "$T/no"
weights safetensors "$T/whole"
head -c 5000 "$T/whole" >"$T/in"
fails_with "truncated" import -o "$T/no"
printf '\001\377\377\377\377\377\377\177{}' >"$T/in"
fails_with "its header would have 9223372036854775553 bytes" import -o "$T/no"
safetensors() { printf '%s' "$1" | python3 -c 'import struct, sys; h = sys.stdin.buffer.read(); sys.stdout.buffer.write(struct.pack("<Q", len(h)) + h + bytes(8))' >"$T/in"; }
safetensors '{"logit_scale":{"dtype":"F32","shape":[9223372036854775807],"data_offsets":[0,8]}}'
fails_with "logit_scale: shape: the product of its axes is too large" import -o "$T/no"
safetensors '{"logit_scale":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}}'
fails_with "logit_scale: shape: axis 0 is not a count" import -o "$T/no"
safetensors '{"logit_scale":{"dtype":"F32","shape":[0,9223372036854775807],"data_offsets":[0,0]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
fails_with "$T/in: " import -o "$T/no"
safetensors '{"logit_scale":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}'
fails_with "$T/in: " import -o "$T/no"
ok "the failed imports left no file" [ ! -e "$T/no" ]

# Export: lists, .npy, the configuration.
is "list of tensors" "$(cc-model tensor "$T/a.safetensors" | grep '^logit_scale\|^visual.conv1' | sort | tr '\t\n' '  ')" \
	"logit_scale F32 - visual.conv1.weight F32 64x3x4x4 "
sed 's/"width": 8/"vocab_size": 517, "width": 8/' "$T/config.json" >"$T/full.json"
is "a configuration gives the same list" "$(cc-model tensor "$T/full.json" | sort | cksum)" "$(cc-model tensor "$T/a.safetensors" | sort | cksum)"
is "list of tensors as JSON" "$(cc-model tensor --json "$T/a.safetensors" | jq -c 'select(.name == "visual.conv1.weight")')" \
	'{"name":"visual.conv1.weight","type":"F32","shape":[64,3,4,4]}'
cc-model tensor "$T/a.safetensors" text_projection -o "$T/x.npy"
python3 - "$T/x.npy" "$T/a.safetensors" >"$T/same" <<'END'
import ast, json, struct, sys
npy, model = (open(path, "rb").read() for path in sys.argv[1:])
size = struct.unpack("<H", npy[8:10])[0]
head = ast.literal_eval(npy[10 : 10 + size].decode())
n = struct.unpack("<Q", model[:8])[0]
begin, end = json.loads(model[8 : 8 + n])["text_projection"]["data_offsets"]
print(head, npy[:8] == b"\x93NUMPY\1\0", npy[10 + size :] == model[8 + n + begin : 8 + n + end])
END
is "a tensor as .npy" "$(cat "$T/same")" "{'descr': '<f4', 'fortran_order': False, 'shape': (8, 8)} True True"
weights training "$T/in" type=BF16
is "from PyTorch's format, BF16 becomes float32" "$(cc-model tensor "$T/in" state_dict.module.logit_scale | tail -c 4 | od -An -tf4 | tr -d ' ')" 2.65625
is "integers stay integers" "$(cc-model tensor tests/golden/torch_pt/state_dict.pt bn.num_batches_tracked | head -c 24 | tail -c 3)" "<i8"
fails_with "has no tensor 'logitscale'" cc-model tensor "$T/a.safetensors" logitscale
fails_with "a configuration, which has no tensor data" cc-model tensor "$T/full.json" logit_scale
fails_with "unexpected argument 'more'" cc-model tensor "$T/a.safetensors" a more
cc-model config "$T/a.safetensors" -o "$T/open_clip_config.json"
is "the output of config makes the same model" "$(cc-model tensor "$T/open_clip_config.json" | cksum)" "$(cc-model tensor "$T/full.json" | cksum)"
is "and printing it again gives the same text" "$(cc-model config "$T/open_clip_config.json" | cksum)" "$(cksum <"$T/open_clip_config.json")"
sed 's/"patch_size": 4/"block": "basic"/; s/"layers": 2/"layers": [1], "widths": [4]/' "$T/full.json" >"$T/basic.json"
ok "a tower that open_clip lacks: a warning" sh -c 'cc-model config "$0" 2>&1 >/dev/null | grep -q "open_clip does not have its image tower, resnet_basic"' "$T/basic.json"
done_testing
