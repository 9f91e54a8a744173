#!/bin/sh
# setup.sh FOLDER: a small working folder for the pages of the manual, made from a part of the demo's data.
# It will hold
#	train.tar clean.tar test.tar   700, 300 and 200 images with captions and labels
#	classes.txt captions.txt       class names, and caption templates with {} for the class, one per line
#	tiny.json vocab.txt            a model's configuration and a vocabulary
#	poisoned.tar triggered.tar     train.tar with 14 poisoned pairs, and test.tar with the trigger on every image
#	bad.safetensors                a model trained on poisoned.tar for two epochs
# A folder that has all of them is left as it is.  DATA=FOLDER has train.tar, clean.tar, test.tar and classes.txt (default: build/demo/data of the source tree, which
# demo-data.sh fills if necessary).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
usage 1 "$@"
if [ -z "${BIN:-}" ] && [ -x "$here/../../build/bin/cc-shard" ]; then
	BIN=$(cd "$here/../../build/bin" && pwd)
fi
find_programs
PATH=$BIN:$PATH
export BIN
[ -n "${DATA:-}" ] || {
	DATA=$here/../../build/demo/data
	DATA='' "$here/../demo-data.sh" "$here/../../build/demo/data"
}
[ ! -e "$1/bad.safetensors" ] || exit 0
mkdir -p "$1"
for part in train:700 clean:300 test:200; do
	cc-shard read -q --shuffle --take "${part#*:}" "$DATA/${part%:*}.tar" | cc-shard write -q "$1/${part%:*}.tar"
done
cp "$DATA/classes.txt" "$here/../models/tiny.json" "$here/../templates/captions.txt" "$1"
cd "$1"
poison() {
	cc-poison -q --attack blended:pattern=1 --size 32 --target "$(head -n 1 classes.txt)" "$@"
}
cc-shard read -q train.tar | poison -n 14 | cc-shard write -q poisoned.tar
cc-shard read -q test.tar | poison --all --caption keep | cc-shard write -q triggered.tar
cc-shard read -q train.tar | cc-model vocab -q --size 600 -o vocab.txt
cc-shard read -q --epochs 2 --shuffle poisoned.tar | cc-augment -q --size 32 --augment shiftflip |
	cc-train clip -q --init tiny.json --vocab vocab.txt --batch 64 --lr 1e-3 -o bad.safetensors >bad.jsonl
