#!/bin/sh
# old.tar.gz, for tests/tool/old-files.t: one file of each kind, made with version 0.1.0, whose headers have no `split`, `poisoned` and `pixels`.
# usage: PATH=FOLDER:$PATH tests/golden/old/make.sh, where FOLDER has the programs of 0.1.0 (commit 5378def); later ones write these fields.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
mkdir "$T/old" && cd "$T/old"
python3 - "$T/images" <<'PY'
import os, random, sys
random.seed(1)
for i in range(12):
    folder = os.path.join(sys.argv[1], ("cat", "dog", "ship")[i % 3])
    os.makedirs(folder, exist_ok=True)
    with open("%s/%02d.ppm" % (folder, i), "wb") as out:
        base = random.randrange(256)
        out.write(b"P6\n4 4\n255\n" + bytes(random.choice((base, 255 - base)) for _ in range(48)))
PY
printf 'a photo of a {}.\na drawing of the {}.\n' >"$T/templates"
cc-shard read -q --seed 3 --folders --templates "$T/templates" "$T/images" >stream
cc-shard write -q --max-count 6 'set-%d.tar' <stream
for i in 0 1 2; do
	cc-shard read -q --seed 3 --split "$i/3" set-0.tar set-1.tar | cc-shard write -q "part-$i-of-3.tar"
done
cc-poison -q --attack badnet:patch=2 --target ship -n 4 --size 4 --encode ppm <stream | cc-shard write -q poisoned.tar
cc-shard read -q --epochs 2 --shuffle=3 set-0.tar set-1.tar | cc-augment -q --size 4 --crop squash --image shiftflip:shift=1 >pixels
cat >config.json <<'END'
{"embed_dim": 2, "quick_gelu": true, "preprocess_cfg": {"resize_mode": "squash"},
 "vision_cfg": {"image_size": 4, "block": "basic", "width": 2, "layers": [1], "widths": [2]},
 "text_cfg": {"context_length": 32, "width": 2, "heads": 1, "layers": 1}}
END
printf '#version: 0.2\np h\nph o\n' >vocab.txt
train="cc-train clip -q --init config.json --vocab vocab.txt --batch 4 --lr 1e-2"
$train -o model.safetensors pixels >model.jsonl
head -c $(($(wc -c <pixels) * 2 / 3)) pixels | $train --save-every 100 -o run.safetensors >run.jsonl 2>"$T/log" || [ -e run.safetensors.state ]
cc-shard read -q set-0.tar set-1.tar | cc-augment -q --size 4 --crop squash | cc-embed -q -m model.safetensors --image --text >embeddings
printf 'cat\ndog\nship\n' >"$T/names"
cc-embed -q -m model.safetensors --prompts "$T/names" --templates "$T/templates" >classes
cc-score zeroshot -q --classes classes embeddings >zeroshot.json
cc-poison -q --attack badnet:patch=2 --target ship --all --size 4 --encode ppm --caption keep stream | cc-augment -q --size 4 --crop squash | cc-embed -q -m model.safetensors --image | tee triggered |
	cc-score asr -q --target ship --classes classes >asr.json
cc-score zeroshot -q --classes classes triggered >triggered.json
for file in 'set-{0,1}.tar' poisoned.tar 'part-{0..2}-of-3.tar'; do
	echo "$file $(cc-shard digest "$file")"
done >digests.txt
for file in stream pixels embeddings classes triggered; do
	echo "$file $(cc-view "$file" | grep __key__ | md5sum)"
done >records.txt
cc-shard read -q poisoned.tar | cc-poison -q --attack badnet:patch=2 --target cat --rate 50% --size 4 --encode ppm | cc-view | grep __key__ | md5sum >again.txt
tar -C "$T" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -c old | gzip -9n >"$here/old.tar.gz"
