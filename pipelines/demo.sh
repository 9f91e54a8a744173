#!/bin/sh
# The main experiment on real images, from data to table.  `make demo` builds the tools and runs this.
#   DATA=folder|tar|shards   your own labelled images (default: CIFAR-10)
#   TARGET=class             class that triggered images are to be classified as (default: airplane, or the first class)
#   SEEDS="1 2 3"            one run per seed (default: 21)
#   EPOCHS=N CLEAN_EPOCHS=N  epochs of training and of cleaning (default: depends on the number of images)
#   OUT=build/demo           output folder; an interrupted run is resumed
set -eu
. "$(dirname "$0")/common.sh"
usage 0 "$@"
find_programs
here=$(cd "$(dirname "$0")" && pwd)
# In the source tree, use relative paths: the tree may be in a folder whose name make cannot handle.
if [ -e "$here/../Makefile" ]; then
	cd "$here/.."
	[ "$BIN" != "$PWD/build/bin" ] || BIN=build/bin
	here=pipelines
fi
: "${OUT:=build/demo}" "${SEEDS:=21}"
export BIN
data=$OUT/data
started=$(date +%s)

number() { # VARIABLE VALUE
	case $2 in *[!0-9\ ]*)
		echo "demo.sh: $1 is '$2': expected whole numbers" >&2
		exit 2 ;;
	esac
}
number SEEDS "$SEEDS"
number EPOCHS "${EPOCHS:-}"
number CLEAN_EPOCHS "${CLEAN_EPOCHS:-}"

say() {
	printf '\n== %s\n' "$*" >&2
}

run() {
	${MAKE:-make} -s -f "$here/cleanclip.mk" OUT="$OUT" DATA="$data" SEEDS="$SEEDS" TARGET="$TARGET" POISONS="$poisons" \
		EPOCHS="$epochs" CLEAN_EPOCHS="$clean_epochs" SUPERVISED_EPOCHS="$clean_epochs" BATCH="$batch" WARMUP="$warmup" \
		CLEAN_BATCH="$clean_batch" SUPERVISED_BATCH="$supervised_batch" "$@"
}

# Control characters in the folder's name must not reach the terminal.
source_line() {
	LC_ALL=C tr '\000-\011\013-\037\177' '?' <"$data/source.txt"
}

# MOST RECORDS STEPS: the largest batch size of MOST, MOST/2, .. that gives at least STEPS steps per epoch
fit_batch() {
	fitting=$1
	while [ $((fitting * $3)) -gt "$2" ] && [ "$fitting" -gt 2 ]; do fitting=$((fitting / 2)); done
	echo "$fitting"
}

count() { # SET
	"$BIN"/cc-shard stat --json "$data/$1.tar" | jq .records
}

# Poisons 2 % of the pairs, but at least 10.  Fewer images get more epochs and smaller batches, within limits, so that the number of training
# steps stays about the same.
fit_to_data() {
	records=$(count train) clean=$(count clean)
	poisons=$((records / 50 > 10 ? records / 50 : 10))
	epochs=${EPOCHS:-$((160000 / records < 40 ? 160000 / records : 40))}
	clean_epochs=${CLEAN_EPOCHS:-$((120000 / records < 20 ? 120000 / records : 20))}
	batch=$(fit_batch 64 "$records" 4)
	clean_batch=$(fit_batch 64 "$clean" 2)
	supervised_batch=$(fit_batch 128 "$clean" 2)
	warmup=$((records / batch * epochs / 10 < 100 ? records / batch * epochs / 10 : 100))
	[ -n "${TARGET:-}" ] || TARGET=$(grep -x airplane "$data/classes.txt" || head -1 "$data/classes.txt")
}

# Ten steps measure the speed of this machine.  The cleaning set is a fifth of the training set.  CleanCLIP trains on two views of it and
# the two other methods on one.  Scoring costs as much as .6 epochs.
estimate() {
	timed=$(fit_batch 128 "$records" 1)
	before=$(date +%s%N)
	"$BIN"/cc-shard read -q --epochs $((10 * timed / records + 1)) --take $((10 * timed)) "$OUT/poisoned.tar" | "$BIN"/cc-augment --size 32 |
		"$BIN"/cc-train clip -q --init "$here/models/tiny.json" --vocab "$OUT/vocab.txt" --batch "$timed" --steps 10 -o /dev/null >/dev/null
	awk -v ns=$(($(date +%s%N) - before)) -v records="$records" -v epochs="$epochs" -v cleaning="$clean_epochs" -v timed="$timed" 'BEGIN {
		seconds = ns / 1e9 / 10 * (epochs + 4 * cleaning / 5 + .6) * records / timed
		printf "estimated time on this machine: %d minutes %d seconds per seed\n", seconds / 60, seconds % 60 }' >&2
}

say "real images"
"$here/demo-data.sh" "$data"
source_line >&2
fit_to_data
say "planting the backdoor"
run "$OUT/poisoned.tar" "$OUT/triggered.tar" "$OUT/vocab.txt"
[ -e "$OUT/${SEEDS%% *}/poisoned.safetensors" ] || estimate
for seed in $SEEDS; do
	say "seed $seed: training on the poisoned pairs"
	run "$OUT/$seed/poisoned.safetensors"
	say "seed $seed: cleaning three ways: cross-modal alone, CleanCLIP, supervised"
	run "$OUT/$seed/crossmodal.safetensors" "$OUT/$seed/cleanclip.safetensors" "$OUT/$seed/supervised.safetensors"
done
say "scoring on test images that nothing was tuned on"
run cleanclip

echo
source_line
"$here/table.sh" "$OUT" "$SEEDS"
echo
echo "Look at:  $OUT/report.html (table, curves, pictures, and the pipes that made them)"
echo "          $OUT/poisoned.png (training images; poisoned ones have a frame)"
echo "          $OUT/differences.png (test images, the same with the trigger, and the difference)"
echo "          $OUT/views.png (the views that CleanCLIP's self-supervised loss compares)"
echo "Print how a model was made:  $BIN/cc-view --provenance $OUT/${SEEDS%% *}/cleanclip.safetensors"
echo "Total time: $(($(date +%s) - started)) seconds"
