#!/bin/sh
# figures.sh SET RESULTS FIGURES: from RESULTS/scores.jsonl the tables (TSV, in RESULTS/tables) and the figures (SVG) of one set of paper.mk.
# Variables of the environment are that set's settings, as in paper.mk.
set -eu
set=$1 results=$2 figures=$3
case $set in *[!A-Za-z0-9._-]*)
	printf "figures.sh: '%s': the name of a set is expected\n" "$set" >&2
	exit 2 ;;
esac
unset CDPATH
here=$(cd "$(dirname "$0")" && pwd)
plots=$here/../plots
work=$(cd "$(mktemp -d)" && pwd)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$results/tables" "$figures"

# The scores that there are: a part of the graph has a part of the tables.
scores=$work/scores
mkdir "$scores"
[ ! -e "$results/scores.jsonl" ] || "$here/scores.sh" unpack "$results/scores.jsonl" "$scores"
(cd "$scores" && find . -mindepth 3 -name '*.jsonl') | sed 's|^\./||' | LC_ALL=C sort >"$work/files"
[ -s "$work/files" ] || {
	echo "figures.sh: no scores in $results: make -C pipelines scores SET=$set" >&2
	exit 1
}
settings=$(jq -nc '$ENV | { attacks: .MAIN, others: .OTHERS, ablated: .ABLATED, once: .ONCE, seeds: .SEEDS, poisons: .POISONS, clean: .CLEAN, foreign: .FOREIGN,
	lambda2: .LAMBDA2, lrs: .LRS, epochs: .EPOCHS, clean_epochs: .CLEAN_EPOCHS, supervised_epochs: .SUPERVISED_EPOCHS }')
(cd "$scores" && xargs -d '\n' jq -n --argjson set "$settings" -f "$here/rows.jq") <"$work/files" >"$work/rows"
jq -s add "$work/rows" >"$work/rows.json"

# NAME JQ-ARGUMENT...: a table that has lines, or none
make_table() {
	name=$1
	shift
	jq -r -L "$here" "$@" >"$work/$name.tsv"
	if [ -s "$work/$name.tsv" ]; then
		mv "$work/$name.tsv" "$results/tables/$name.tsv"
	else
		rm -f "$results/tables/$name.tsv"
	fi
}

table() { # NAME
	make_table "$1" --arg table "$1" --argjson set "$settings" -f "$here/tables.jq" "$work/rows.json"
}

# NAME TABLE COLUMNS-WITH-NUMBERS LABEL LOG [BLOCKS [ONLY]]: of lines that begin with ONLY, a series for each value of column BLOCKS
sweep() {
	[ -e "$results/tables/$2.tsv" ] || return 0
	awk -v columns="$3" -v blocks="${6:-0}" -v only="${7:-}" -f "$here/numbers.awk" "$results/tables/$2.tsv" >"$work/$1.dat"
	if [ "$(wc -l <"$work/$1.dat")" -gt 1 ]; then
		plot "$1" "$2" sweep "$4" "$5" "${6:-0}"
	else
		rm -f "$figures/$1.svg"
	fi
}

# NAME TABLE KIND [ARGUMENT...]: what asks for it, and what it is of, are its description.  gnuplot and sed run what their scripts hold, so that
# paths come as arguments, or not at all.
plot() {
	name=$1 table=$2 kind=$3
	shift 3
	(cd "$plots" && gnuplot -c "$kind.gp" "$work/$name.dat" "$@") >"$work/$name.svg"
	(cd "$plots" && sed -e "s|<desc>.*</desc>|<desc>of $set/tables/$table.tsv by plots/$kind.gp: make -C pipelines figures SET=$set</desc>|" \
		-e '/<desc>/r colours.xml' -f points.sed) <"$work/$name.svg" >"$figures/$name.svg"
}

for name in main-table other-rule grid attack-strategy lambda clean-size clean-source poison-count pretrain-ss more; do
	table $name
done
sweep lambda lambda 2,3,4 'weight of the self-supervised loss (lambda2), 0 is cross-modal' 0 1
for attack in $MAIN; do
	sweep "clean-size-$attack" clean-size 3,5,6 'clean pairs' 1 2 "$attack"
done
sweep poison-count poison-count 1,2,3 'poisoned pairs' 0
for attack in $MAIN; do
	[ -e "$results/tables/grid.tsv" ] || break
	awk -v only="$attack" -v blocks=2 -v short=1 -v columns=4,5 -f "$here/numbers.awk" "$results/tables/grid.tsv" >"$work/tradeoff-$attack.dat"
	[ ! -s "$work/tradeoff-$attack.dat" ] || plot "tradeoff-$attack" grid tradeoff
done

# Beside accuracy and attack success; a model of clean pairs is asked with the trigger of the ablations.
for attack in none $MAIN; do
	for file in "$scores/$attack/$ONCE"/*.measures.json; do
		[ ! -e "$file" ] || jq -c --arg attack "$attack" --arg state "$(basename "$file" .measures.json)" '{ $attack, $state } + .' "$file"
	done
done >"$work/measures"
make_table measures -s --arg ablated "$ABLATED" -f "$here/measures.jq" "$work/measures"
for file in "$scores"/triggers/*.jsonl; do
	[ ! -e "$file" ] || jq -c --arg attack "$(basename "$file" .jsonl)" '{ $attack } + .' "$file"
done >"$work/triggers"
make_table triggers -s -f "$here/triggers.jq" "$work/triggers"

# How long the trainings took whose scores are there
(cd "$scores" && find . -name '*.seconds') | while IFS= read -r file; do
	[ ! -e "$scores/${file%.seconds}.jsonl" ] || cat "$scores/$file"
done | awk '{ all += $1 } END { print "trainings\tseconds"; print NR "\t" all + 0 }' >"$results/tables/hours.tsv"
