#!/bin/sh
# hours.sh SET BIN DATA EPOCHS CLEAN_EPOCHS SUPERVISED_EPOCHS CLEAN FOREIGN: how long it takes to make $MISSING, results of paper.mk, here.
# The names tell how many images each is trained on; thirty steps of a real training tell how fast this machine is.
set -eu
set=$1 bin=$2 data=$3 epochs=$4 clean_epochs=$5 supervised_epochs=$6 clean=$7 foreign=$8
# shellcheck disable=SC2086 # one word a result
set -- $MISSING
[ $# -gt 0 ] || exit 0
here=$(cd "$(dirname "$0")/.." && pwd)
[ -e "$data/train.tar" ] || {
	echo "$set: $# results to make; how long that takes is known once the data are there: make -C pipelines data SET=$set" >&2
	exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
count() {
	"$bin/cc-shard" stat --json "$data/$1.tar" | jq .records
}
records=$(count train)
# What a model is scored on: images held out (and up to 2,000 spare ones), those of the test, and the same with the trigger.
scored=$(($(count tune) + 2 * $(count test)))
[ ! -e "$data/spare.tar" ] || scored=$((scored + ($(count spare) < 2000 ? $(count spare) : 2000)))
"$bin/cc-shard" read -q --take 1920 "$data/train.tar" >"$work/some"
"$bin/cc-model" vocab -q --size 1000 -o "$work/vocab" "$work/some"
before=$(date +%s%N)
"$bin/cc-augment" -q --size 32 "$work/some" |
	"$bin/cc-train" clip -q --init "$here/models/tiny.json" --vocab "$work/vocab" --batch 64 --steps 30 -o "$work/model" >"$work/lines"
after=$(date +%s%N)
for result; do
	echo "$result"
done | awk -F/ -v set="$set" -v pace=$(((after - before) / 1920)) -v records="$records" -v epochs="$epochs" \
	-v clean_epochs="$clean_epochs" -v supervised_epochs="$supervised_epochs" -v clean="$clean" -v foreign="$foreign" -v scored="$scored" '
	{
		state = $NF
		size = clean
		if (match(state, /_clean_[0-9]+/))
			size = substr(state, RSTART + 7, RLENGTH - 7)
		if (state ~ /_clean_foreign/)
			size = foreign
		passes = state ~ /^poisoned/ ? epochs : state ~ /^supervised/ ? supervised_epochs : clean_epochs
		if (match(state, /_epochs_[0-9]+/))
			passes = substr(state, RSTART + 8, RLENGTH - 8)
		images = passes * (state ~ /^poisoned/ ? records : size)
		# Two views of each image where the loss inside modalities wants them.
		if (state ~ /^(cleanclip|ss)/ || (state ~ /^poisoned/ && $(NF - 2) ~ /_pretrain_ss/))
			images *= 2
		# Scores: forward only, a third of the work of a step.
		all += images + scored / 3
	}
	END { printf "%s: %d results to make: training on %.1f million images, about %.1f hours on this machine\n", set, NR, all / 1e6, all * pace / 3.6e12 }' >&2
