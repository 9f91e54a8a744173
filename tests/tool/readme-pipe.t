#!/bin/sh
# The README's first block, pasted unchanged after `make demo`, gives the numbers of the make graph, digit for digit: on small
# data, with the README's options and seed.
. "$(dirname "$0")/lib.sh"
PATH=$PWD/build/bin:$PATH
data=${CC_DATA:-../shared/data}
[ -e "$data/cifar10/train.tar" ] || skip_all "no photographs under \$CC_DATA ($data)"
top=$PWD
draw() { # NAME SKIP TAKE
	cc-shard read -q --folders --templates pipelines/templates/captions.txt --shuffle --skip "$2" --take "$3" "$data/cifar10/train.tar" |
		cc-shard write -q "$T/$1.tar"
}
draw train 0 896
draw clean 896 128
draw test 1024 100
printf '%s\n' airplane automobile bird cat deer dog frog horse ship truck >"$T/classes.txt"

# NAME ATTACK EDIT VARIABLE...: runs the block with this attack in a copy of the tree that `make demo` leaves, and the graph on the
# same data.  EDIT (a sed script) and the graph's variables shorten both.
run_both() {
	trigger=$1 attack=$2 edit=$3
	shift 3
	mkdir -p "$T/$trigger/pipelines/models" "$T/$trigger/pipelines/templates" "$T/$trigger/build/demo/data"
	cp pipelines/models/tiny.json "$T/$trigger/pipelines/models"
	cp pipelines/templates/captions.txt "$T/$trigger/pipelines/templates"
	cp "$T/train.tar" "$T/clean.tar" "$T/test.tar" "$T/classes.txt" "$T/$trigger/build/demo/data"
	awk '/^```sh$/ { on = 1; next } on && /^```/ { exit } on' README.md | sed "s/blended:pattern=1/$attack/;$edit" >"$T/$trigger/block.sh"
	ok "$trigger: the block runs" sh -c "cd '$T/$trigger' && sh -e block.sh >scores 2>said"
	ok "$trigger: the graph runs" make -s -f pipelines/cleanclip.mk BIN="$top/build/bin" DATA="$T/$trigger/build/demo/data" OUT="$T/$trigger/out" ATTACK="$attack" SEEDS=21 "$@" \
		"$T/$trigger/out/21/poisoned.clean.json" "$T/$trigger/out/21/poisoned.asr.json" "$T/$trigger/out/21/cleanclip.clean.json" "$T/$trigger/out/21/cleanclip.asr.json"
	is "$trigger: the models are the same" "$(digests "$T/$trigger/build/demo/data" bad good)" "$(digests "$T/$trigger/out/21" poisoned cleanclip)"
	is "$trigger: and so are the scores, digit for digit" "$(scores "$T/$trigger/scores")" "$(scores "$T/$trigger/out/21/poisoned.clean.json" \
		"$T/$trigger/out/21/poisoned.asr.json" "$T/$trigger/out/21/cleanclip.clean.json" "$T/$trigger/out/21/cleanclip.asr.json")"
	is "$trigger: no stage warns" "$(grep -c warning "$T/$trigger/said")" 0
}
digests() { for model in "$2" "$3"; do cc-model info --json "$1/$model.safetensors" | jq -r .digest; done; }
scores() { cat "$@" | jq -cS 'del(.prog, .classes.prog)'; }

run_both blended blended:pattern=1 ""
is "four scores are printed" "$(jq -rs 'map(.metric) | join(" ")' "$T/blended/scores")" "zeroshot asr zeroshot asr"
is "prompts and poisoned captions use the data's templates" "$(cc-view "$T/blended/build/demo/data/bad.classes" | head -1 | jq -c .templates)" \
	"$(jq -Rsc 'split("\n") | map(select(. != ""))' pipelines/templates/captions.txt)"
run_both badnet badnet:patch=5,pattern=1,place=bottom-right "s/--epochs [68]/--epochs 1/;s/--warmup 100/--warmup 2/" EPOCHS=1 CLEAN_EPOCHS=1 \
	PRETRAIN="--lr 1.5e-3 --batch 64 --warmup 2 --betas .9,.98 --wd .1"
done_testing
