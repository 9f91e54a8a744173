#!/bin/sh
# figures.sh SET RESULTS FIGURES <RUNS: the tables (TSV, in RESULTS/tables) and figures (SVG) of a data set, from RESULTS/scores.jsonl.
# RUNS: the output of runs.jq.  The environment has the settings of paper.mk.
set -eu
. "$(dirname "$0")/../common.sh"
usage 3 "$@"
set=$1 results=$2 figures=$3
case $set in *[!A-Za-z0-9._-]*)
	printf "figures.sh: '%s': the name of a set is expected\n" "$set" >&2
	exit 2 ;;
esac
here=$(cd "$(dirname "$0")" && pwd)
plots=$here/../plots
work=$(cd "$(mktemp -d)" && pwd)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$results/tables" "$figures"

# Tables have rows only for results that exist.
[ -e "$results/scores.jsonl" ] || {
	echo "figures.sh: $results has no scores; to compute them: make -C pipelines scores SET=$set" >&2
	exit 1
}
settings=$(jq -nc '$ENV | { attacks: .MAIN, others: .OTHERS, ablated: .ABLATED, once: .ONCE, seeds: .SEEDS, poisons: .POISONS, clean: .CLEAN, foreign: .FOREIGN,
	lambda2: .LAMBDA2, lrs: .LRS, clean_epochs: .CLEAN_EPOCHS, supervised_epochs: .SUPERVISED_EPOCHS }')
cat >"$work/runs"
jq -n -L "$here" --argjson set "$settings" --slurpfile runs "$work/runs" -f "$here/rows.jq" "$results/scores.jsonl" >"$work/rows.json"

# NAME JQ-ARGUMENT...: writes a table, or removes it if it would be empty
make_table() {
	name=$1
	shift
	jq -r -L "$here" --argjson set "$settings" --slurpfile runs "$work/runs" "$@" >"$work/$name.tsv"
	if [ -s "$work/$name.tsv" ]; then
		mv "$work/$name.tsv" "$results/tables/$name.tsv"
	else
		rm -f "$results/tables/$name.tsv"
	fi
}

table() { # NAME
	make_table "$1" --arg table "$1" -f "$here/tables.jq" "$work/rows.json"
}

# NAME TABLE COLUMNS-WITH-NUMBERS LABEL LOG [BLOCKS [ONLY]]: plots the lines that begin with ONLY, one series per value of column BLOCKS
sweep() {
	[ -e "$results/tables/$2.tsv" ] || return 0
	awk -v columns="$3" -v blocks="${6:-0}" -v only="${7:-}" -f "$here/numbers.awk" "$results/tables/$2.tsv" >"$work/$1.dat"
	if [ "$(wc -l <"$work/$1.dat")" -gt 1 ]; then
		plot "$1" "$2" sweep "$4" "$5" "${6:-0}"
	else
		rm -f "$figures/$1.svg"
	fi
}

# NAME TABLE KIND [ARGUMENT...]: the figure's description names its table and the command that makes it.  gnuplot and sed execute their
# scripts, so no path is written into one.
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

make_table measures -n -f "$here/measures.jq" "$results/scores.jsonl"
make_table triggers -n -f "$here/triggers.jq" "$results/scores.jsonl"

# Number and duration of the trainings whose scores exist
jq -nr 'reduce inputs as $line ({}; if $line.on then .scored[$line.result] = true elif $line.seconds then .seconds[$line.result] = $line.seconds else . end)
	| .scored as $scored | [.seconds // {} | to_entries[] | select($scored[.key]).value] | "trainings\tseconds", "\(length)\t\(add // 0)"' \
	"$results/scores.jsonl" >"$results/tables/hours.tsv"
