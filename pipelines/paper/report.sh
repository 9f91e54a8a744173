#!/bin/sh
# report.sh SET RESULTS FIGURES OUT: OUT/report.html, one page of all that paper.mk has found out about a set.
# $MAIN and $ONCE are paper.mk's, of whose runs the page tells how they were made.
set -eu
set=$1 results=$2 figures=$3 out=$4
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

scores=$work/scores
mkdir "$scores"
[ ! -e "$results/scores.jsonl" ] || "$here/scores.sh" unpack "$results/scores.jsonl" "$scores"

# FILE NAME: where it is there, in the order of the page
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

# STATE in words
words() {
	printf '%s\n' "$1" | sed 's/^cleanclip/CleanCLIP/; s/^crossmodal/cross-modal/; s/^ss/self-supervised alone/; s/_lr_/, rate /'
}

# Scores of one seed: of each, the pipe that made it
for attack in $MAIN; do
	for file in "$scores/$attack/$ONCE"/*.jsonl; do
		[ -e "$file" ] || continue
		state=$(basename "$file" .jsonl)
		case $state in *_lambda2_* | *_clean_* | *_epochs_* | unlearn*) continue ;; esac
		jq -c 'select(.on == "clean") | del(.on)' "$file" >"$work/$attack.$state.clean.json"
		jq -c 'select(.on != "model" and .on != "clean" and .on != "tune") | del(.on)' "$file" >"$work/$attack.$state.asr.json"
		show "$work/$attack.$state.clean.json" "$attack: $(words "$state")"
		show "$work/$attack.$state.asr.json" "$attack: $(words "$state")"
	done
done

for name in main-table other-rule measures attack-strategy triggers lambda clean-size clean-source poison-count pretrain-ss more grid; do
	show "$results/tables/$name.tsv" "$(title $name)"
done
for attack in none $MAIN; do
	for file in "$scores/$attack/$ONCE"/*.curve; do
		show "$file" "$attack: $(words "$(basename "$file" .curve)")"
	done
done
for attack in $MAIN; do
	show "$figures/tradeoff-$attack.svg" "$attack: each learning rate of each defence"
done
for name in lambda poison-count; do
	show "$figures/$name.svg" "$(title $name)"
done
for attack in $MAIN; do
	show "$figures/clean-size-$attack.svg" "$(title clean-size): $attack"
done
for attack in none $MAIN; do
	for file in "$figures/tsne/$attack/$ONCE"/*.svg; do
		show "$file" "$attack: $(words "$(basename "$file" .svg)"), t-SNE of test images"
	done
done
for attack in none $MAIN; do
	for file in "$scores/$attack/$ONCE"/*.made.json; do
		show "$file" "$attack: $(words "$(basename "$file" .made.json)"), the model"
	done
done
for file in "$out"/sheets/*.png; do
	show "$file" "$(basename "$file" .png): test images, with the trigger, the difference eight times"
done
note="A number is a share of the test images: a mean over seeds, in brackets the lowest and the highest; or of one seed, in brackets its 95 % interval \
(Wilson). Clean accuracy is zero-shot, that of supervised by its own head; attack success is the share of triggered images of other classes that are taken for the target. \
Scores, training curves and t-SNE are of seed $ONCE. make -C pipelines paper made it; RESULTS.md tells more."
xargs -d '\n' "$BIN/cc-view" report -q -t "CleanCLIP: $set" -n "$note" -o "$out/report.html" <"$work/exhibits"
echo "$out/report.html" >&2
