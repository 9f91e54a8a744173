#!/bin/sh
# hours.sh SET BIN TRAIN <RUNS: prints how long the runs in $MISSING take on this machine.
# RUNS: the output of runs.jq, whose settings say how many images each run trains on.  A few training steps on pairs of TRAIN measure the speed.
# The environment has the settings of paper.mk; $PAIRS, "train=N test=N tune=N", gives sizes that are otherwise counted.
set -eu
. "$(dirname "$0")/../common.sh"
usage 3 "$@"
set=$1 bin=$2 train=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cat >"$work/runs"
# shellcheck disable=SC2086 # one word per run
set -- $MISSING
[ $# -gt 0 ] || exit 0
batch=${TIMED_BATCH:-64} steps=${TIMED_STEPS:-30}
"$bin/cc-shard" read -q --take $((batch * steps)) "$train" >"$work/some" 2>"$work/why" || {
	echo "$set: $# results to make; the time can be estimated once the data exist (make data): $(cat "$work/why")" >&2
	exit 0
}
count() {
	given=" $PAIRS" given=${given##* "$1"=}
	case $PAIRS in
	*"$1="*) echo "${given%% *}" ;;
	*) "$bin/cc-shard" stat --json "$MADE/$1.tar" | jq .records ;;
	esac
}
records=$(count train)
# A model is scored on held-out images (with up to 2,000 spare ones) and on the test images with and without the trigger.
scored=$(($(count tune) + 2 * $(count test)))
[ ! -e "$MADE/spare.tar" ] || scored=$((scored + ($(count spare) < 2000 ? $(count spare) : 2000)))
"$bin/cc-model" vocab -q --size 1000 -o "$work/vocab" "$work/some"
before=$(date +%s%N)
"$bin/cc-augment" -q --size "$SIZE" "$work/some" |
	"$bin/cc-train" clip -q --init "$MODEL" --vocab "$work/vocab" --batch "$batch" --steps "$steps" -o "$work/model" >"$work/lines"
after=$(date +%s%N)
# The self-supervised loss uses two views of each image.  Scoring is forward only, a third of the work of a training step.
jq -nr --arg set "$set" --argjson pace $(((after - before) / batch / steps)) --argjson records "$records" --argjson scored "$scored" '
	($ENV.MISSING | split(" ")) as $missing
	| [inputs | select(.run | IN($missing[]))
		| (.clean // "" | tonumber? // ($ENV | if .clean == "foreign" then .FOREIGN else .CLEAN end | tonumber)) as $clean
		| (.epochs | tonumber) * (if .method == "poisoned" then $records else $clean end)
			* (if .method == "cleanclip" or .method == "ss" or (.method == "poisoned" and .pretrain == "ss") then 2 else 1 end) + $scored / 3] as $images
	| ($images | add) as $all
	| def one_decimal: . * 10 | round | "\(. / 10 | floor).\(. % 10)";
	  "\($set): \($images | length) results to make: training on \($all / 1e6 | one_decimal) million images, about \($all * $pace / 3.6e12 | one_decimal) hours on this machine"' "$work/runs" >&2
