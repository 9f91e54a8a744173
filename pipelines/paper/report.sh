#!/bin/sh
# report.sh SET RESULTS FIGURES OUT <RUNS: writes OUT/report.html, one page with all results of a data set.
# RUNS: the output of runs.jq.  $MAIN and $ONCE are those of paper.mk: the page shows the models of these attacks and this seed.
set -eu
. "$(dirname "$0")/../common.sh"
usage 4 "$@"
set=$1 results=$2 figures=$3 out=$4
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

scores=$work/scores
mkdir "$scores"
[ ! -e "$results/scores.jsonl" ] || "$here/scores.sh" unpack "$results/scores.jsonl" "$scores"

# FILE NAME: adds a file to the page, if it exists
show() {
	[ -e "$1" ] || return 0
	printf '%s=%s\n' "$2" "$1" >>"$work/exhibits"
}

title() {
	case $1 in
	main-table) echo "Attacks and defences" ;;
	grid) echo "Every learning rate" ;;
	other-rule) echo "By the other rule" ;;
	attack-strategy) echo "Other triggers" ;;
	lambda) echo "Weight of the self-supervised loss" ;;
	clean-size) echo "How many clean pairs" ;;
	clean-source) echo "Clean pairs of another kind" ;;
	poison-count) echo "How many poisoned pairs" ;;
	pretrain-ss) echo "Pre-trained with the self-supervised loss" ;;
	more) echo "Unlearning, and removal while training" ;;
	measures) echo "Embeddings" ;;
	triggers) echo "What is left of a trigger" ;;
	*) echo "$1" ;;
	esac
}

# The runs of the main table, in the order of the attacks: ATTACK RUN TITLE
jq -nr -L "$here" 'include "cells";
	[inputs | select((.experiments | index("main-table")) and .seed == $ENV.ONCE)] as $runs
	| (["none"] + ($ENV.MAIN | split(" ")))[] as $attack | $runs[] | select(.attack == $attack)
	| "\(.attack) \(.run) \(.attack): \(.method | method_title)\(if .method == "poisoned" then "" else ", rate \(.lr), \(.epochs) epochs" end)"' >"$work/runs"
# BEFORE AFTER [SUFFIX]: shows the file BEFORE RUN AFTER of each run
show_each() {
	while read -r attack run title; do
		show "$1/$run$2" "$title${3:-}"
	done <"$work/runs"
}

# A model trained without poison has an ASR for every trigger; the tables show them.
while read -r attack run title; do
	file=$scores/$run.jsonl
	[ "$attack" != none ] && [ -e "$file" ] || continue
	mkdir -p "$work/$run"
	jq -c 'select(.on == "clean") | del(.on)' "$file" >"$work/$run.clean.json"
	jq -c 'select(.on != "model" and .on != "clean" and .on != "tune") | del(.on)' "$file" >"$work/$run.asr.json"
	show "$work/$run.clean.json" "$title"
	show "$work/$run.asr.json" "$title"
done <"$work/runs"
for name in main-table other-rule measures attack-strategy triggers lambda clean-size clean-source poison-count pretrain-ss more grid; do
	show "$results/tables/$name.tsv" "$(title $name)"
done
show_each "$scores" .curve
for attack in $MAIN; do
	show "$figures/tradeoff-$attack.svg" "$attack: every learning rate of every defence"
done
for name in lambda poison-count; do
	show "$figures/$name.svg" "$(title $name)"
done
for attack in $MAIN; do
	show "$figures/clean-size-$attack.svg" "$(title clean-size): $attack"
done
show_each "$figures/tsne" .svg ", t-SNE of test images"
show_each "$scores" .made.json ", the model"
for file in "$out"/sheets/*.png; do
	show "$file" "$(basename "$file" .png): test images, the same with the trigger, and their difference, amplified"
done
note="Numbers are shares of the test images: the mean over seeds with the lowest and highest in brackets, or, for one seed, the value with its 95 % interval \
(Wilson). Clean accuracy is zero-shot; for supervised fine-tuning it is that of the model's own head. Attack success is the share of triggered images of other classes that are classified as the target. \
Scores, training curves and t-SNE maps are those of seed $ONCE. Made by make -C pipelines paper; RESULTS.md explains the results."
xargs -d '\n' "$BIN/cc-view" report -q -t "CleanCLIP: $set" -n "$note" -o "$out/report.html" <"$work/exhibits"
echo "$out/report.html" >&2
