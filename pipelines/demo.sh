#!/bin/sh
# The main job on real images, from data to table: what `make demo` runs after it has built the tools.
#   DATA=folder|tar|shards   your own labelled images instead of CIFAR-10's
#   TARGET=class             what the backdoor answers (default: airplane, or the first class)
#   SEEDS="1 2 3"            more than one run
#   OUT=build/demo           where everything goes; a second run goes on where the first was stopped
set -eu
. "$(dirname "$0")/common.sh"
usage 0 "$@"
find_programs
export BIN
here=$(cd "$(dirname "$0")" && pwd)
[ ! -e "$here/../Makefile" ] || cd "$here/.."
: "${OUT:=build/demo}" "${SEEDS:=21}"
data=$OUT/data
started=$(date +%s)

say() {
	printf '\n== %s\n' "$*" >&2
}

run() {
	${MAKE:-make} -s -f "$here/cleanclip.mk" OUT="$OUT" DATA="$data" SEEDS="$SEEDS" TARGET="$TARGET" POISONS="$poisons" \
		EPOCHS="$epochs" CLEAN_EPOCHS="$clean_epochs" SUPERVISED_EPOCHS="$clean_epochs" "$@"
}

# 2 % poison; fewer images are gone through more often, so that training has as many steps, within limits.
fit_to_data() {
	records=$("$BIN"/cc-shard stat --json "$data/train.tar" | jq .records)
	poisons=$((records / 50))
	epochs=$((160000 / records < 40 ? 160000 / records : 40))
	clean_epochs=$((120000 / records < 20 ? 120000 / records : 20))
	[ -n "${TARGET:-}" ] || TARGET=$(grep -x airplane "$data/classes.txt" || head -1 "$data/classes.txt")
}

# Ten steps tell how fast this machine is.  A cleaning set is a fifth of the training set; CleanCLIP goes through it with
# two views, the others with one; and the scores are worth .6 epochs.
estimate() {
	before=$(date +%s%N)
	"$BIN"/cc-shard read -q --take 1280 "$OUT/poisoned.tar" | "$BIN"/cc-augment --size 32 |
		"$BIN"/cc-train clip -q --init "$here/models/tiny.json" --vocab "$OUT/vocab.txt" --batch 128 --steps 10 -o /dev/null >/dev/null
	awk -v ns=$(($(date +%s%N) - before)) -v records="$records" -v epochs="$epochs" -v cleaning="$clean_epochs" 'BEGIN {
		seconds = ns / 1e9 / 10 * (epochs + 4 * cleaning / 5 + .6) * records / 128
		printf "this machine will need about %d minutes %d seconds for each seed\n", seconds / 60, seconds % 60 }' >&2
}

say "real images"
"$here/demo-data.sh" "$data"
cat "$data/source.txt" >&2
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
say "scores, on test images that nothing was tuned on"
run cleanclip

echo
cat "$data/source.txt"
"$here/table.sh" "$OUT" "$SEEDS"
echo
echo "Look at:  $OUT/report.html (the table, the curves, the pictures, and the pipes that made them)"
echo "          $OUT/poisoned.png (what was trained on; poisoned ones framed)"
echo "          $OUT/differences.png (test images, with the trigger, and the difference eight times)"
echo "          $OUT/views.png (the views of CleanCLIP's self-supervised loss)"
echo "How a model was made:  $BIN/cc-view --provenance $OUT/${SEEDS%% *}/cleanclip.safetensors"
echo "That took $(($(date +%s) - started)) seconds."
