#!/bin/sh
# figures.sh SET RESULTS OUT: the tables (TSV, beside the scores) and the figures (SVG, in OUT) of one set of paper.mk.
# $MAIN, $OTHERS, $ABLATED and $POISONS are that set's, as in paper.mk.
set -eu
set=$1 results=$2 out=$3
here=$(cd "$(dirname "$0")" && pwd)
plots=$here/../plots
mkdir -p "$results/tables" "$out"
# The scores that there are: a part of the graph has a part of the tables.
find "$results" -mindepth 3 -name '*.jsonl' | LC_ALL=C sort >"$out/files"
[ -s "$out/files" ] || {
	echo "figures.sh: no scores in $results: make -C pipelines scores SET=$set" >&2
	exit 1
}
xargs cat <"$out/files" >/dev/null # all can be read
xargs jq -n -f "$here/rows.jq" <"$out/files" | jq -s add >"$out/rows.json"

# NAME COLUMNS-WITH-NUMBERS [LABEL [LOG]]
sweep() {
	table "$1"
	[ -n "${3:-}" ] && [ -e "$results/tables/$1.tsv" ] || return 0
	awk -v columns="$2" -f "$here/numbers.awk" "$results/tables/$1.tsv" >"$out/$1.dat"
	gnuplot -e "style='$plots/style.gp'; FILE='$out/$1.dat'; WHAT='$3'; LOG=${4:-0}" "$plots/sweep.gp" >"$out/$1.svg"
}

table() {
	jq -r --arg table "$1" --arg attacks "$MAIN" --arg others "$OTHERS" --arg ablated "$ABLATED" --arg poisons "$POISONS" \
		--arg clean "$CLEAN" -f "$here/tables.jq" "$out/rows.json" >"$out/$1.tsv"
	if [ -s "$out/$1.tsv" ]; then
		mv "$out/$1.tsv" "$results/tables/$1.tsv"
	else
		rm -f "$out/$1.tsv" "$results/tables/$1.tsv"
	fi
}

for name in main-table grid attacks clean-source pretrain-ss more; do
	table $name
done
sweep lambda 1,3,4 'weight of the self-supervised loss (lambda2)' 1
sweep clean-size 1,3,4 'clean pairs' 1
sweep poison-count 1,2,3 'poisoned pairs' 1
for attack in $MAIN; do
	[ -e "$results/tables/grid.tsv" ] || break
	awk -v only="$attack" -v blocks=2 -v short=1 -v columns=4,5 -f "$here/numbers.awk" "$results/tables/grid.tsv" >"$out/$attack.dat"
	[ ! -s "$out/$attack.dat" ] ||
		gnuplot -e "style='$plots/style.gp'; FILE='$out/$attack.dat'" "$plots/tradeoff.gp" >"$out/tradeoff-$attack.svg"
done
rm -f "$out"/*.dat "$out/files"
