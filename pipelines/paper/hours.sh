#!/bin/sh
# hours.sh SET BIN TRAIN: how long it takes to make $MISSING, results of paper.mk, here.
# The names tell how many images each is trained on; some steps of a real training, on pairs of TRAIN, tell how fast this machine is.
# Variables of the environment are that set's settings, as in paper.mk; $PAIRS, "train=N test=N tune=N", says what is else counted.
set -eu
set=$1 bin=$2 train=$3
# shellcheck disable=SC2086 # one word a result
set -- $MISSING
[ $# -gt 0 ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
batch=${TIMED_BATCH:-64} steps=${TIMED_STEPS:-30}
"$bin/cc-shard" read -q --take $((batch * steps)) "$train" >"$work/some" 2>"$work/why" || {
	echo "$set: $# results to make; how long that takes is known once the data are there (make data): $(cat "$work/why")" >&2
	exit 0
}
count() {
	said=" $PAIRS" said=${said##* "$1"=}
	case $PAIRS in
	*"$1="*) echo "${said%% *}" ;;
	*) "$bin/cc-shard" stat --json "$MADE/$1.tar" | jq .records ;;
	esac
}
records=$(count train)
# What a model is scored on: images held out (and up to 2,000 spare ones), those of the test, and the same with the trigger.
scored=$(($(count tune) + 2 * $(count test)))
[ ! -e "$MADE/spare.tar" ] || scored=$((scored + ($(count spare) < 2000 ? $(count spare) : 2000)))
"$bin/cc-model" vocab -q --size 1000 -o "$work/vocab" "$work/some"
before=$(date +%s%N)
"$bin/cc-augment" -q --size "$SIZE" "$work/some" |
	"$bin/cc-train" clip -q --init "$MODEL" --vocab "$work/vocab" --batch "$batch" --steps "$steps" -o "$work/model" >"$work/lines"
after=$(date +%s%N)
for result; do
	echo "$result"
done | awk -F/ -v set="$set" -v pace=$(((after - before) / batch / steps)) -v records="$records" -v epochs="$EPOCHS" \
	-v clean_epochs="$CLEAN_EPOCHS" -v supervised_epochs="$SUPERVISED_EPOCHS" -v clean="$CLEAN" -v foreign="$FOREIGN" -v scored="$scored" '
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
