#!/bin/sh
# Files of published models: sharded, wrapped, several models in one file; and files that are not models.
. "$(dirname "$0")/lib.sh"

weights() { python3 tests/tool/make_weights.py "$T/a.safetensors" "$@"; }
import() { cc-model import "$T/in" --activation gelu --heads 1,1 -o "$T/b.safetensors" "$@"; }
# Every value of a model, by tensor name.
numbers() {
	cc-model tensor "$1" | cut -f1 | sort | while read -r name; do
		echo "$name $(cc-model tensor "$1" "$name" | cksum)"
	done
}
same() { # NAME: the last imported model equals the original
	numbers "$T/b.safetensors" >"$T/b"
	ok "$1: the same parameters" cmp "$T/a" "$T/b"
}

cat >"$T/config.json" <<'END2'
{"embed_dim": 4, "quick_gelu": false, "vision_cfg": {"image_size": 8, "layers": 1, "width": 64, "patch_size": 4},
 "text_cfg": {"context_length": 6, "vocab_size": 517, "width": 4, "heads": 1, "layers": 1}}
END2
cc-model init "$T/config.json" --seed 7 -o "$T/a.safetensors"
numbers "$T/a.safetensors" >"$T/a"

# Prefixes anywhere in the names.
for wrapper in module _orig_mod _fsdp_wrapped_module _checkpoint_wrapped_module; do
	weights safetensors "$T/in" wrap=$wrapper
	import
	same "$wrapper inside the names"
done
weights pt "$T/in" wrap=_fsdp_wrapped_module under=state_dict.module._orig_mod.
import
same "several of them"
weights safetensors "$T/in" text=text.
import
same "text. of open_clip's CustomTextCLIP"
weights hf "$T/in" under=model.
import
same "model. in front of Hugging Face's names"
for axes in 1 2; do
	weights safetensors "$T/in" ones=logit_scale:$axes
	import
	same "logit_scale with $axes axes of 1"
done
python3 - "$T/a.safetensors" "$T/ones.safetensors" <<'END2'
import json, struct, sys
data = open(sys.argv[1], "rb").read()
size = struct.unpack("<Q", data[:8])[0]
header = json.loads(data[8 : 8 + size])
header["logit_scale"]["shape"] = [1]
text = json.dumps(header).encode()
open(sys.argv[2], "wb").write(struct.pack("<Q", len(text)) + text + data[8 + size :])
END2
ok "a model of ours whose logit_scale has shape [1] is read" cc-model info "$T/ones.safetensors"
fails_with "$T: is a folder; give the weights file in it" cc-model import "$T" --activation gelu -o "$T/no"
weights safetensors "$T/in" add=logit_bias
fails_with "unexpected: logit_bias (of SigLIP, which is not supported)" import -o "$T/no"
weights safetensors "$T/in" add=visual.trunk.blocks.0.weight
fails_with "visual.trunk.blocks.0.weight (of a timm image tower, which is not supported)" import -o "$T/no"
weights safetensors "$T/in" drop=logit_scale add=text.transformer.embeddings.word_embeddings.weight
fails_with "text.transformer.embeddings.word_embeddings.weight: a tensor of a Hugging Face text tower, which is not supported" import -o "$T/no"

# Several models in one file.
weights pt "$T/in" under=state_dict. also=ema.
fails_with "in: 2 models in one file, with the prefixes 'state_dict.', 'ema.state_dict.'; choose one with --prefix PREFIX" import -o "$T/no"
import --prefix state_dict.
same "--prefix"
is "tensors of the other model are listed" "$(import --prefix state_dict 2>&1 | grep -c 'in: not used: ema.state_dict.*, .* and [0-9]* more')" 1
import --prefix ema.state_dict
is "--prefix chooses the other model" "$(cc-model tensor "$T/b.safetensors" logit_scale | tail -c 4 | od -An -tx1 | tr -d ' ')" 00000000
fails_with "--prefix: no model has the prefix 'model' (prefixes: 'state_dict.', 'ema.state_dict.')" import --prefix model -o "$T/no"
weights safetensors "$T/in" also=ema.
import --prefix ''
same "a prefix that is empty does not take the other model's tensors"
weights training "$T/in"
is "tensors of an optimizer are listed" "$(import 2>&1 | grep -o 'not used.*')" "not used: optimizer.state.0.exp_avg"

# Several files with an index.
mkdir "$T/shards"
index=$T/shards/model.safetensors.index.json
shards() { cc-model import "${1:-$index}" --activation gelu --heads 1,1 -o "${2:-$T/b.safetensors}"; }
weights shards "$index"
shards
same "sharded safetensors"
is "tensor lists all files of the index" "$(cc-model tensor "$index" | cut -f1 | sort)" "$(cc-model tensor "$T/a.safetensors" | cut -f1 | sort)"
weights bin-shards "$T/shards/pytorch_model.bin.index.json"
shards "$T/shards/pytorch_model.bin.index.json"
same "sharded files of PyTorch"
fails_with "model-00001-of-00002.safetensors: part 1 of 2 of a model; import $index instead" shards "$T/shards/model-00001-of-00002.safetensors" "$T/no"
fails_with "pytorch_model-00002-of-00002.bin: part 2 of 2 of a model; import $T/shards/pytorch_model.bin.index.json instead" \
	shards "$T/shards/pytorch_model-00002-of-00002.bin" "$T/no"
cp "$T/shards/model-00001-of-00002.safetensors" "$T"
fails_with "import $T/model.safetensors.index.json (not found here) instead" shards "$T/model-00001-of-00002.safetensors" "$T/no"
fails_with "$index: this is the index of sharded weights; convert them with \`cc-model import FILE\`" cc-train clip -m "$index" -o "$T/no" /dev/null
fails_with "$index: this is the index of sharded weights; convert them" cc-model info "$index"
mkfifo "$T/shards/fifo"
sed 's/"model-00002-of-00002.safetensors"/"fifo"/' "$index" >"$T/shards/fifo.safetensors.index.json"
fails_with "fifo: not a regular file" timeout 20 cc-model import "$T/shards/fifo.safetensors.index.json" --activation gelu --heads 1,1 -o "$T/no"
fails_with "fifo: not a regular file" timeout 20 cc-model import "$T/shards/fifo" --activation gelu --heads 1,1 -o "$T/no"
fails_with "fifo: not a regular file" timeout 20 cc-model info "$T/shards/fifo"
broken() { # TEXT JQ: an error for the changed index
	jq "$2" "$index" >"$T/shards/x.json"
	fails_with "$1" shards "$T/shards/x.json" "$T/no"
}
broken "ln_final.bias: found in model-00001-of-00002.safetensors, but the index does not list it there" 'del(.weight_map["ln_final.bias"])'
broken "more: missing from model-00001-of-00002.safetensors, where the index lists it" '.weight_map.more = "model-00001-of-00002.safetensors"'
broken "logit_scale: found in model-0000" '.weight_map.logit_scale |= (if test("00001") then sub("00001-"; "00002-") else sub("00002-"; "00001-") end)'
broken "metadata: total_size is 5, but the tensors have " '.metadata.total_size = 5'
broken "metadata: total_size: must be a number of bytes" '.metadata.total_size = "x"'
broken "logit_scale: '../../etc/passwd': the file must lie in the folder of the index or below it" '.weight_map.logit_scale = "../../etc/passwd"'
broken "logit_scale: '/etc/passwd': the file must lie" '.weight_map.logit_scale = "/etc/passwd"'
broken "logit_scale: must be the name of a file" '.weight_map.logit_scale = 3'
broken "weight_map: missing, empty, or not a map" '.weight_map = {}'
broken "No such file" '.weight_map.logit_scale = "model-00003-of-00002.safetensors"'
rm "$T/shards/model-00002-of-00002.safetensors"
fails_with "model-00002-of-00002.safetensors: No such file" shards "$index" "$T/no"

# Position embeddings of another size.
weights safetensors "$T/in"
sed 's/"image_size": 8/"image_size": 20/; s/"context_length": 6/"context_length": 9/' "$T/config.json" >"$T/larger.json"
larger() { cc-model import "$T/in" --config "$T/larger.json" -o "$T/b.safetensors" "$@"; }
fails_with "positional_embedding (6x4 in the file, 9x4 expected), visual.positional_embedding (5x64 in the file, 26x64 expected); use --resize-positions to resize position embeddings" \
	larger -o "$T/no"
ok "--resize-positions" larger --resize-positions
grep -v positional "$T/a" >"$T/a1"
numbers "$T/b.safetensors" | grep -v positional >"$T/b1"
ok "all other tensors are unchanged" cmp "$T/a1" "$T/b1"
row() { cc-model tensor "$1" "$2" | tail -c "$3" | head -c "$4" | cksum; }
is "so is the class token" "$(row "$T/b.safetensors" visual.positional_embedding $((26 * 256)) 256)" "$(row "$T/a.safetensors" visual.positional_embedding $((5 * 256)) 256)"
sed 's/"patch_size": 4/"patch_size": 2/' "$T/config.json" >"$T/finer.json"
fails_with "visual.conv1.weight (64x3x4x4 in the file, 64x3x2x2 expected)" cc-model import "$T/in" --config "$T/finer.json" --resize-positions -o "$T/no"

weights safetensors "$T/in" rows=visual.positional_embedding:7
fails_with "visual.positional_embedding: its 7 positions are not a square grid plus one and cannot be resized to 26" larger --resize-positions -o "$T/no"
weights safetensors "$T/in"

# A vocabulary next to the weights is found; one that does not fit is reported.
printf '#version: 0.2\np h\nph o\nt h\n' >"$T/merges.txt"
ok "a vocabulary next to the weights" import
is "is used" "$(cc-model info --json "$T/b.safetensors" | jq .vocabulary)" 517
printf '#version: 0.2\np h\nqq o\nt h\n' >"$T/merges.txt"
fails_with "$T/merges.txt: vocabulary: merges: line 3: \"qq\"" import -o "$T/no"
printf '#version: 0.2\np h\nph o\n' >"$T/merges.txt"
fails_with "--vocab: $T/merges.txt: has 516 tokens, but the model has 517 rows" import -o "$T/no"
rm "$T/merges.txt"

# Files that are not models are refused by every tool that reads one.
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 9\n' >"$T/lfs"
printf '<!DOCTYPE html><html><body>Sign in</body></html>' >"$T/html"
echo weights | gzip >"$T/gz"
printf 'GGUF\3\0\0\0' >"$T/gguf"
head -c 4096 /dev/zero >"$T/zeros"
: >"$T/empty"
python3 -c 'import zipfile, sys; zipfile.ZipFile(sys.argv[1], "w").writestr("a.txt", "x")' "$T/zip"
python3 -c 'import pickle, sys; sys.stdout.buffer.write(pickle.dumps({"a": [1.5]}, 4))' >"$T/pickle"
printf '\211HDF\r\n\032\n' >"$T/hdf5"
tar cf "$T/tar" -C "$T" html
printf '\010\007\022\007pytorch\032\0051.0' >"$T/onnx"
while IFS=: read -r file what; do
	for tool in "cc-model info" "cc-model import" "cc-model tensor" "cc-train clip -m" "cc-embed -m" "cc-augment -m" "cc-model config"; do
		[ "$file" = zip ] && [ "$tool" = "cc-model import" ] && continue
		[ "$file" = zip ] && [ "$tool" = "cc-model tensor" ] && continue
		more=
		case $tool in *import | cc-train*) more="-o $T/no" ;; cc-embed*) more=--image ;; esac
		# shellcheck disable=SC2086
		fails_with "$T/$file: $what" $tool "$T/$file" $more </dev/null
	done
done <<'END2'
lfs:a Git LFS pointer, not a safetensors model: `git lfs pull`
html:a web page (HTML)
gz:a gzip file, not a safetensors model: `gunzip FILE`
gguf:a GGUF model
zeros:a file of zero bytes
empty:an empty file
zip:a ZIP archive, not a safetensors model
pickle:a Python pickle, not a safetensors model: load it in Python
hdf5:an HDF5 file
tar:a tar archive
onnx:an ONNX model
END2
fails_with "$T/zip: a ZIP archive without data.pkl, not a PyTorch checkpoint; \`unzip FILE\`, then give the file inside" cc-model import "$T/zip" -o "$T/no"
python3 tests/tool/make_stream.py 2 >"$T/stream" 2>/dev/null || printf '\201\242cc\001' >"$T/stream"
fails_with "a record stream, not a safetensors model" cc-model import "$T/stream" -o "$T/no"
printf '#version: 0.2\np h\n' >"$T/vocab.txt"
for file in lfs html gz zeros; do
	fails_with "--init: $T/$file: a" cc-train clip --init "$T/$file" --vocab "$T/vocab.txt" -o "$T/no" "$T/stream"
	[ "$file" = gz ] || fails_with "--vocab: $T/$file: a" cc-model tokens --vocab "$T/$file" </dev/null
done
weights pt "$T/whole"
fails_with "a PyTorch checkpoint, not a safetensors model: \`cc-model import FILE\` converts it" cc-model info "$T/whole"
ok "nothing was written" [ ! -e "$T/no" ]
done_testing
