#!/bin/sh
# ladder.sh ATTACK SEED CLEAN METHOD...: cleans one poisoned model at rising learning rates and scores every step of the ladder.
#
#   ATTACK    badnet, blended, wanet, sig, any other attack of cc-poison, or none for a model trained without poison
#   SEED      draws the poisoned pairs, the trigger's pattern, the clean pairs, the initial parameters, the views and the order
#   CLEAN     number of clean pairs
#   METHOD    rows of paper/methods.tsv
#
# Rates rise by a factor of 1.5 from RATE (1e-4) until the held-out accuracy has fallen by more than BUDGET (.05), at most to MOST (6e-3). Each
# cleaned model is interpolated with the poisoned one by the factors FACTORS. Held-out images are disjoint from all others.
# One line is appended to RESULTS per model: counts of correct held-out and test images, and of triggered test images that are
# assigned to the target or to their own class. Lines that exist are not computed again, so an interrupted run can be continued.
#
#   DATA=build/demo/data    the output of demo-data.sh; its tune.tar and HELD (2000) images of its spare.tar are held out
#   OUT=build/frontier      models and data
#   RESULTS=FILE            the table (default: pipelines/results/paper/cifar10/frontier.tsv)
set -eu
. "$(dirname "$0")/common.sh"
usage 4 "$@"
find_programs
here=$(dirname "$0")
: "${DATA:=build/demo/data}" "${OUT:=build/frontier}" "${RESULTS:=$here/results/paper/cifar10/frontier.tsv}"
: "${RATE:=1e-4}" "${MOST:=6e-3}" "${BUDGET:=.05}" "${FACTORS:=.85 .7 .5 .3}" "${TARGET:=airplane}" "${POISONS:=400}" "${EPOCHS:=8}" "${HELD:=2000}"
: "${SIZE:=32}" "${BATCH:=64}" "${MODEL:=$here/models/tiny.json}"
attack=$1 seed=$2 clean=$3
shift 3
unit=$OUT/$attack/$seed
mkdir -p "$unit" "$(dirname "$RESULTS")"
PATH=$(cd "$BIN" && pwd):$PATH

trigger() {
	case $attack in
	badnet) echo "badnet:patch=5,place=bottom-right,pattern=$seed" ;;
	blended) echo "blended:pattern=$seed" ;;
	wanet) echo "wanet:pattern=$seed" ;;
	sig) echo sig:delta=40 ;;
	none) echo "blended:pattern=$seed" ;; # planted in the test images alone
	*) echo "$attack" ;;
	esac
}

# FILE COMMAND...: makes FILE whole or not at all, unless it exists
once() {
	[ -e "$1" ] || { shift && "$@"; }
}

# ---- data
held_out() {
	cc-shard read -q "$DATA/tune.tar" >"$unit/.tune"
	cc-shard read -q --take "$HELD" "$DATA/spare.tar" >"$unit/.spare"
	cat "$unit/.tune" "$unit/.spare" | cc-augment -q --size "$SIZE" -o "$OUT/held.cc"
	rm "$unit/.tune" "$unit/.spare"
}
test_images() {
	cc-shard read -q "$DATA/test.tar" | cc-augment -q --size "$SIZE" -o "$OUT/test.cc"
}
clean_pairs() {
	cc-shard read -q "$DATA/clean.tar" >"$unit/.clean"
	cc-shard read -q --skip "$HELD" "$DATA/spare.tar" >"$unit/.spare"
	cat "$unit/.clean" "$unit/.spare" | cc-shard write -q "$OUT/pool.tar"
	rm "$unit/.clean" "$unit/.spare"
}
triggered() {
	cc-shard read -q "$DATA/test.tar" | cc-poison -q --attack "$(trigger)" --size "$SIZE" --all --target "$TARGET" --caption keep --encode png |
		cc-augment -q --size "$SIZE" -o "$unit/triggered.cc"
}
poison() {
	if [ "$attack" = none ]; then cat; else cc-poison -q --attack "$(trigger)" --size "$SIZE" -n "$POISONS" --target "$TARGET" --seed "$seed"; fi
}
poisoned_pairs() {
	cc-shard read -q "$DATA/train.tar" | poison | cc-shard write -q "$unit/poisoned.tar"
}
vocabulary() {
	cc-shard read -q "$unit/poisoned.tar" | cc-model vocab -q --size 1000 -o "$unit/vocab.txt"
}
some_clean() {
	cc-shard read -q --shuffle --seed "$seed" --take "$clean" "$OUT/pool.tar" | cc-shard write -q "$unit/clean-$clean.tar"
	[ "$(cc-shard stat --json "$unit/clean-$clean.tar" | jq .records)" = "$clean" ] || {
		rm "$unit/clean-$clean.tar"
		echo "ladder.sh: $OUT/pool.tar has fewer than $clean clean pairs" >&2
		exit 1
	}
}
pretrain() {
	cc-shard read -q --epochs "$EPOCHS" --shuffle --seed "$seed" "$unit/poisoned.tar" |
		cc-augment -q --size "$SIZE" --augment shiftflip:shift=3 --seed "$seed" |
		cc-train clip -q --init "$MODEL" --vocab "$unit/vocab.txt" --lr 1.5e-3 --batch "$BATCH" --warmup 100 --betas .9,.98 --wd .1 --seed "$seed" \
			--save-every 500 --resume -o "$unit/poisoned.safetensors" >/dev/null
}
once "$OUT/held.cc" held_out
once "$OUT/test.cc" test_images
once "$OUT/pool.tar" clean_pairs
once "$unit/triggered.cc" triggered
once "$unit/poisoned.tar" poisoned_pairs
once "$unit/vocab.txt" vocabulary
once "$unit/poisoned.safetensors" pretrain
once "$unit/clean-$clean.tar" some_clean

# ---- scores
[ -s "$RESULTS" ] || printf 'attack\tseed\tclean\tmethod\tlr\tfactor\theld\theld_n\ttest\ttest_n\tasr\tasr_n\tkept\n' >"$RESULTS"

# METHOD LR FACTOR: its line in RESULTS
line_of() {
	awk -F '\t' -v attack="$attack" -v seed="$seed" -v clean="$clean" -v method="$1" -v lr="$2" -v factor="$3" \
		'$1 == attack && $2 == seed && ($3 == clean || method == "poisoned") && $4 == method && $5 == lr && $6 == factor { print; exit }' "$RESULTS"
}

# FILE METRIC OPTION...: [hits, n] of images embedded from FILE
count() {
	images=$1 metric=$2
	shift 2
	cc-embed -q $raw -m "$model" --image "$images" | cc-score "$metric" -q --classes "$classes" "$@"
}

# METHOD LR FACTOR MODEL [HEAD]: appends a line unless there is one
score() {
	[ -z "$(line_of "$1" "$2" "$3")" ] || return 0
	model=$4 raw=${5:+--raw} classes=${5:-$unit/classes.cc}
	[ -n "${5:-}" ] || cc-embed -q -m "$model" --prompts "$DATA/classes.txt" -o "$classes"
	{
		count "$OUT/held.cc" zeroshot
		count "$OUT/test.cc" zeroshot
		count "$unit/triggered.cc" asr --target "$TARGET"
	} | jq -rs --arg name "$(printf '%s\t%s\t%s\t%s\t%s\t%s' "$attack" "$seed" "$([ "$1" = poisoned ] && echo - || echo "$clean")" "$1" "$2" "$3")" '
		[$name, (.[0, 1].counts.acc1 | .[]), (.[2].counts.asr | .[]), .[2].counts.acc1[0]] | map(tostring) | join("\t")' >"$unit/.line"
	cat "$unit/.line" >>"$RESULTS"
	rm -f "$unit/.line" "$unit/classes.cc"
}

held() {
	line_of "$@" | awk -F '\t' '{ print $7 / $8 }'
}

# ---- the ladder of a method
# METHOD: sets epochs, train, views, head
method_of() {
	row=$(awk -F '\t' -v method="$1" '$1 == method' "$here/paper/methods.tsv")
	[ -n "$row" ] || {
		echo "ladder.sh: '$1' is not a method of paper/methods.tsv ($(sed 1d "$here/paper/methods.tsv" | cut -f 1 | tr '\n' ' '))" >&2
		exit 2
	}
	epochs=$(echo "$row" | cut -f 2) train=$(echo "$row" | cut -f 3) views=$(echo "$row" | cut -f 4) head=$(echo "$row" | cut -f 5)
}

# A head begins as the zero-shot classifier of the poisoned model, or, where methods.tsv says "zero", with zeros.
head_options() {
	case $head in
	zeroshot)
		once "$unit/poisoned.classes" cc-embed -q -m "$unit/poisoned.safetensors" --prompts "$DATA/classes.txt" -o "$unit/poisoned.classes"
		echo "--classes $unit/poisoned.classes"
		;;
	esac
}

clean_at() { # METHOD LR
	# shellcheck disable=SC2046,SC2086 # words are meant to split
	cc-shard read -q --epochs "$epochs" --shuffle --seed "$seed" "$unit/clean-$clean.tar" |
		cc-augment -q --size "$SIZE" $views --seed "$seed" |
		cc-train $train -q $(head_options) -m "$unit/poisoned.safetensors" --lr "$2" --batch "$BATCH" --warmup 10% --betas .9,.98 --seed "$seed" \
			-o "$unit/cleaned.safetensors" >/dev/null
}

# METHOD LR: trains unless all of its lines exist
step() {
	todo=
	for factor in 1 $([ "$head" != - ] || echo "$FACTORS"); do
		[ -n "$(line_of "$1" "$2" "$factor")" ] || todo="$todo $factor"
	done
	[ -n "$todo" ] || return 0
	clean_at "$1" "$2"
	for factor in $todo; do
		if [ "$factor" = 1 ]; then
			score "$1" "$2" 1 "$unit/cleaned.safetensors" $([ "$head" = - ] || echo "$unit/cleaned.head.safetensors")
		else
			cc-model mix -q "$unit/poisoned.safetensors" "$unit/cleaned.safetensors" --weight "$factor" -o "$unit/mixed.safetensors"
			score "$1" "$2" "$factor" "$unit/mixed.safetensors"
		fi
	done
	rm -f "$unit/cleaned.safetensors" "$unit/cleaned.head.safetensors" "$unit/mixed.safetensors"
}

score poisoned - 1 "$unit/poisoned.safetensors"
[ "$attack" != none ] || exit 0
before=$(held poisoned - 1)
for method; do
	method_of "$method"
	rate=$RATE
	while :; do
		step "$method" "$rate"
		after=$(held "$method" "$rate" 1)
		next=$(awk -v rate="$rate" -v most="$MOST" -v lost="$before" -v after="$after" -v budget="$BUDGET" \
			'BEGIN { next_rate = rate * 1.5; if (lost - after <= budget && next_rate <= most) printf "%.2g\n", next_rate }')
		[ -n "$next" ] || break
		rate=$next
	done
done
