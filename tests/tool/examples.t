#!/bin/sh
# The examples of every -h, run on small files with the names they use.
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL
make_block_data
tests=$PWD/tests/tool

# These need open_clip or a published model.
runs() {
	grep -v 'import open_clip\|--config config.json\|--vocab bpe_simple_vocab_16e6.txt -o model\.\(ours\.\)\?safetensors'
}

make_files() {
	ln -s "$tests/../../pipelines" .
	cat >tiny.json <<-'END'
		{"embed_dim": 16, "quick_gelu": true, "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 8},
		 "text_cfg": {"context_length": 16, "width": 64, "heads": 1, "layers": 1}}
	END
	cc-shard read --take 640 train.tar | cc-shard write --max-count 5 'train-%04d.tar'
	cc-shard read --take 640 --key-prefix crawl/ train.tar | cc-shard write --max-count 20 'crawl-%04d.tar'
	for part in 0 1 2 3; do cc-shard read --split $part/4 clean.tar | cc-shard write part-$part.tar; done
	for copy in a pairs labelled crawl; do cp clean.tar $copy.tar; done
	echo clean.tar >more.txt
	python3 "$tests/make_crawl.py" crawl 2 20
	mkdir photos && cc-shard read -q --take 20 --fields jpg test.tar | cc-shard write -q few.tar && tar xf few.tar -C photos --exclude='__*'
	{ echo image,caption && find photos -name '*.jpg' | sort | sed 's/$/,a photo/'; } >train.csv
	{ printf 'title\tfilepath\n' && find photos -name '*.jpg' | sort | sed 's/^/a photo\t/'; } >cc3m.csv
	tar cf photos.tar photos
	make_models
	make_scores
}

make_models() {
	cc-shard read train.tar | cc-model vocab --size 600 -o vocab.txt
	cp vocab.txt bpe_simple_vocab_16e6.txt
	for model in bad good clip; do cc-model init tiny.json --vocab vocab.txt -o $model.safetensors; done
	echo '{"embed_dim": 16, "quick_gelu": true, "vision_cfg": {"image_size": 32, "block": "basic", "width": 4, "layers": [1, 1], "widths": [6, 8]},
		"text_cfg": {"context_length": 16, "width": 64, "heads": 1, "layers": 1}}' >resnet.json
	cc-model init resnet.json --vocab vocab.txt -o mixed.safetensors # a model with batch norms
	python3 "$tests/make_weights.py" clip.safetensors script ViT-B-32.pt
	cc-embed -m good.safetensors --prompts classes.txt -o classes.emb
	cc-shard read train.tar | cc-augment --size 32 -o clean.msgpack
	cc-poison -a badnet --all -t airplane clean.msgpack -o triggered.msgpack
	cp triggered.msgpack poisoned.msgpack
	cp clean.msgpack pairs.msgpack
	for stream in clean triggered; do cc-embed -m good.safetensors --image $stream.msgpack -o $stream.emb; done
}

make_scores() {
	mkdir -p out/21 1 2
	cc-score asr --classes classes.emb --target airplane triggered.emb -o out/21/asr.json
	cc-train clip -m bad.safetensors --steps 2 -o out/21/poisoned.safetensors clean.msgpack >out/21/poisoned.jsonl
	for name in poisoned good half one; do cp out/21/asr.json 1/$name.asr.json && jq -c '.model = "0123456789abcdef0123456789abcdef"' out/21/asr.json >2/$name.asr.json; done
	cc-shard read -q --take 9 test.tar | cc-view sheet -o sheet.png
}

(cd "$T" && set -e && make_files) >"$T/made" 2>&1 || sed 's/^/# /' "$T/made"

for tool in shard poison augment embed train score view model; do
	echo "cc-$tool"
	for verb in $(cc-$tool --complete '' | grep -v '^-'); do echo "cc-$tool $verb"; done
done >"$T/all"
mkdir "$T/kept"
cp "$T"/*.msgpack "$T"/*.emb "$T"/*.safetensors "$T/kept"
while read -r command <&3; do
	$command -h | sed '1,/^Example:/d; /^More:/,$d; s/^  //' | runs >"$T/example.sh"
	[ -s "$T/example.sh" ] || continue
	cp "$T"/kept/* "$T" # examples overwrite them
	is "$command" "$(cd "$T" && sh -e example.sh >shown 2>said </dev/null && echo done || cat said)" done
done 3<"$T/all"
done_testing
