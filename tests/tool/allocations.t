#!/bin/sh
# If any allocation fails, in any tool and at any point, the tool ends with exit status 1, a message and no output file: never with
# different output, a hang, a signal or a record reported as bad.  By default some of the allocations of each command fail in turn;
# with CC_ALLOCATIONS=0 each of the first and last 500 of each command, about 35,000 in all.
. "$(dirname "$0")/lib.sh"

case $(command -v cc-shard) in */san/*) skip_all "the sanitizers bring an allocator of their own" ;; esac
${CC:-cc} -shared -fPIC -O1 -o "$T/fail.so" tests/tool/fail_allocation.c 2>"$T/said" ||
	skip_all "nothing can be put in front of the C library: $(head -1 "$T/said")"

D=$T/data
mkdir "$D" "$D/folder" "$D/folder/cat" "$D/folder/dog" "$D/set" "$D/tables"
stream() { python3 tests/tool/train_stream.py "$@"; }
write_tiny_config
mv "$T/config.json" "$T/vocab.txt" "$D"
stream 12 epochs=2 >"$D/pairs"
stream 12 epochs=2 aug poison=1,4,7 >"$D/aug"
python3 tests/tool/make_stream.py 12 >"$D/png"
python3 tests/tool/make_stream.py 12 size=20x20 rgb >"$D/rgb"
python3 tests/tool/make_stream.py 12 size=14x14 bad=3 >"$D/damaged"
for k in 0 1 2; do
	cp "tests/golden/images/422.jpg" "$D/folder/cat/$k.jpg"
	cp tests/golden/images/grey1.png "$D/folder/dog/$k.png"
	echo "a cat, $k" >"$D/folder/cat/$k.txt"
	echo "a dog, $k" >"$D/folder/dog/$k.txt"
done
printf 'image,caption\n../folder/cat/0.jpg,one cat\n../folder/cat/1.jpg,"two, cats"\n../folder/dog/0.png,a dog\n' >"$D/tables/table.csv"
cc-shard write -q --max-count 4 "$D/set/%d.tar" <"$D/png"
cc-shard write -q "$D/0.tar" <"$D/png"
gzip -k "$D/0.tar" && zstd -q "$D/0.tar"
cc-shard index -q "$D/set/0.tar" "$D/set/1.tar" -o "$D/index.json"
jq '.base = "set"' "$D/index.json" | sed 's|set/||' >"$D/based.json"
python3 tests/tool/make_tar.py "$D/decomposed.tar" "$(printf './a//e\314\201.txt=one')"
(cd "$D" && cc-train clip -q --init config.json --vocab vocab.txt --batch 4 -o model pairs >metrics.jsonl)
python3 tests/tool/make_weights.py "$D/model" pt "$D/weights"
mkdir "$D/hf"
cat >"$D/vit.json" <<'END'
{"embed_dim": 4, "vision_cfg": {"image_size": 8, "layers": 1, "width": 64, "patch_size": 4},
 "text_cfg": {"context_length": 6, "width": 4, "heads": 2, "layers": 1}}
END
cc-model init -q "$D/vit.json" --vocab "$D/vocab.txt" -o "$D/vit"
python3 tests/tool/make_weights.py "$D/vit" shards "$D/hf/model.safetensors.index.json"
python3 tests/tool/make_vocabulary.py "$D/vocab.txt" "$D/hf"
rm "$D/hf/merges.txt"
echo '{"model_type": "clip", "odd": 1, "text_config": {"hidden_act": "gelu", "num_attention_heads": 2, "max_position_embeddings": 9, "hidden_size": 4},
	"vision_config": {"hidden_act": "gelu", "num_attention_heads": 4}}' >"$D/hf/config.json"
echo '{"image_processor": {"size": 8, "crop_size": 8, "rescale_factor": 0.0078, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}}' \
	>"$D/hf/processor_config.json"
printf 'red\ngreen\nblue\n' >"$D/names"
printf 'a photo\n' >"$D/lines"
cc-embed -q -m "$D/model" --prompts "$D/names" -o "$D/classes"
stream 24 >"$D/once"
cc-embed -q -m "$D/model" --image --text -j 1 -o "$D/vectors" "$D/once"
stream 24 aug poison=1,4,7 >"$D/once.aug"
cc-train supervised -q -m "$D/model" --batch 4 -o "$D/head" "$D/once" >"$D/head.jsonl"
cc-score zeroshot -q --classes "$D/classes" "$D/vectors" >"$D/score.json"
jq -c ".model = \"other\" | .classes.templates = \"u\"" "$D/score.json" >"$D/score2.json"
# A run interrupted in its second epoch, to be resumed.
head -c $(($(wc -c <"$D/pairs") * 3 / 4)) "$D/pairs" | (cd "$D" && cc-train clip -q --init config.json --vocab vocab.txt --batch 4 -j 1 --save-every 1 -o out >/dev/null 2>&1)
mv "$D/out.state" "$D/begin-out.state"

cat >"$T/commands" <<'END'
cc-shard read, a tar|cc-shard read -q 0.tar
cc-shard read, gzip|cc-shard read -q 0.tar.gz
cc-shard read, zstd|cc-shard read -q 0.tar.zst
cc-shard read, shuffled|cc-shard read -q --shuffle --seed 3 index.json
cc-shard read, an index with a base|cc-shard read -q based.json -o out
cc-shard keys, decomposed names|cc-shard keys decomposed.tar -o out
cc-shard read, a buffer|cc-shard read -q --shuffle=3 set/0.tar set/1.tar
cc-shard read, a folder|cc-shard read -q --folders folder -o out
cc-shard read, a folder shuffled|cc-shard read -q --folders --shuffle folder -o out
cc-shard read, a table|cc-shard read -q --image-column image --caption-column caption tables/table.csv -o out
cc-shard read --jsonl|cc-shard read -q --jsonl lines.jsonl -o out
cc-shard write|cc-shard write -q out.tar <png
cc-shard stat|cc-shard stat 0.tar
cc-shard stat --json|cc-shard stat --json set/0.tar set/1.tar -o out
cc-shard verify|cc-shard verify set/0.tar set/1.tar
cc-shard keys|cc-shard keys set/0.tar set/1.tar
cc-shard digest|cc-shard digest set/0.tar
cc-shard digest, a stream|cc-shard digest <png
cc-shard digest --digest sha256|cc-shard digest --digest sha256 <png
cc-shard index|cc-shard index set/0.tar set/1.tar -o out
cc-poison|cc-poison -q -j 1 -a badnet:patch=2 --rate 40% --target dog png -o out
cc-poison, threads|cc-poison -q -j 2 -a wanet --rate 40% --target dog --encode webp png -o out
cc-poison, JPEG|cc-poison -q -j 1 -a blended --all --target dog --encode jpeg png -o out
cc-augment|cc-augment -q -j 1 --size 12 png -o out
cc-augment, a policy|cc-augment -q -j 2 --size 12 --augment rrc --image strong --text eda png -o out
cc-augment, damaged|cc-augment -q -j 1 --size 12 --max-bad 20% damaged -o out
cc-embed --image --text|cc-embed -q -j 1 -m model --image --text once -o out
cc-embed --prompts|cc-embed -q -j 1 -m model --prompts names -o out
cc-train clip|cc-train clip -q -j 1 -m model --batch 4 -o out once
cc-train clip, threads|cc-train clip -q -j 2 --init config.json --vocab vocab.txt --batch 4 -o out once
cc-train cleanclip|cc-train cleanclip -q -j 1 -m model --batch 4 -o out once.aug
cc-train ss|cc-train ss -q -j 1 -m model --batch 4 -o out once.aug
cc-train unlearn|cc-train unlearn -q -j 1 -m model --batch 4 -o out once.aug
cc-train removal|cc-train removal -q -j 1 -m model --batch 4 -o out pairs
cc-train par|cc-train par -q -j 1 -m model --batch 4 -o out once.aug
cc-train supervised|cc-train supervised -q -j 1 -m model --batch 4 -o out once
cc-train probe|cc-train probe -q -j 1 -m model --batch 4 -o out once
cc-train --save-every|cc-train clip -q -j 1 -m model --batch 4 --save-every 1 -o out once
cc-train --resume|cc-train clip -q -j 1 --init config.json --vocab vocab.txt --batch 4 --save-every 1 --resume -o out pairs
cc-score zeroshot|cc-score zeroshot -j 1 --classes classes vectors
cc-score asr|cc-score asr -j 1 --classes classes --target red --samples out.samples vectors
cc-score retrieval|cc-score retrieval -j 1 vectors
cc-score distance|cc-score distance -j 1 --with vectors vectors
cc-score uniformity|cc-score uniformity -j 1 vectors
cc-score trigger|cc-score trigger -j 1 --with rgb rgb
cc-score summary|cc-score summary score.json
cc-view|cc-view png
cc-view --full|cc-view --jsonl --full rgb -o out
cc-view --provenance|cc-view --provenance model
cc-view --provenance --json|cc-view --provenance --json model png
cc-view sheet|cc-view sheet -j 1 -o out png
cc-view tsne|cc-view tsne -j 1 --iterations 5 --perplexity 5 -o out --coordinates out.jsonl vectors
cc-view report|cc-view report -o out score.json metrics.jsonl model
cc-view report, a footnote|cc-view report -o out a=score.json b=score2.json
cc-model init|cc-model init -q config.json --vocab vocab.txt -o out
cc-model info|cc-model info model
cc-model info --json|cc-model info --json model
cc-model vocab|cc-model vocab -q --size 530 pairs -o out
cc-model tokens|cc-model tokens -m model --text lines
cc-model import|cc-model import -q --config config.json --vocab vocab.txt weights -o out
cc-model import, Hugging Face|cc-model import -q --config hf/config.json --resize-positions hf/model.safetensors.index.json -o out
cc-model config, a published name|cc-model config ViT-B-32
END
cc-view --jsonl --full "$D/rgb" >"$D/lines.jsonl"
tr '|' '\t' <"$T/commands" >"$T/plan"
python3 tests/tool/allocations.py "$T/fail.so" "$D" "$T/plan" "${CC_ALLOCATIONS:-25}"
