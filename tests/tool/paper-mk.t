#!/bin/sh
# The publication's graph at toy size: every experiment, tables and figures; stopped at random it goes on to the same results.
. "$(dirname "$0")/lib.sh"
photos=${CC_DATA:-../shared/data}/cifar10/train.tar
[ -e "$photos" ] || skip_all "needs $photos"
unset MAKEFLAGS MFLAGS MAKELEVEL

draw() { # NAME SKIP TAKE
	cc-shard read -q --folders --templates pipelines/templates/captions.txt --shuffle --skip "$2" --take "$3" "$photos" |
		cc-shard write -q "$T/data/$1.tar"
}
mkdir "$T/data"
draw train 0 384
draw clean 384 128
draw tune 512 64
draw spare 576 32
draw test 608 128
draw foreign 736 128
printf '%s\n' airplane automobile bird cat deer dog frog horse ship truck >"$T/data/classes.txt"
touch "$T/data/source.txt"

# OUT ARGUMENT...
graph() {
	out=$1
	shift
	make -f pipelines/paper.mk BIN="$(dirname "$(command -v cc-shard)")" SETS=cifar10 DATA="$T/data" BUILD="$T/$out" STORE="$T/$out.results" RESULTS_MD="$T/$out.md" \
		SEEDS="3 1 3" EPOCHS=1 CLEAN_EPOCHS=1 SUPERVISED_EPOCHS=1 POISONS=10 CLEAN=128 CLEAN_SIZES=64 FOREIGN=64 POISON_COUNTS=5 LRS="1e-3 1.5e-3" LRS_CURVE=2e-3 LAMBDAS="2 8" \
		MAIN=blended OTHERS="sig consistent" CLEAN.foreign="$T/data/foreign.tar" "$@"
}

graph a -n >"$T/dry" 2>&1
ok "a dry run prints pipes" grep -q 'cc-train cleanclip' "$T/dry"
ok "and hours" grep -q 'results to make.*hours on this machine' "$T/dry"
ok "and makes nothing" [ ! -e "$T/a" ]
ok "all of it" graph a -s -j2 paper
results=$T/a.results/cifar10
is "seeds that repeat are one" "$(ls "$results/blended")" "1
3"
for table in main-table grid attack-strategy lambda clean-size clean-source poison-count pretrain-ss more; do
	ok "a table: $table" [ "$(wc -l <"$results/tables/$table.tsv")" -gt 1 ]
done
is "its main table" "$(cut -f 1,2,7 "$results/tables/main-table.tsv" | tr '\t\n' '|;')" \
	"attack|state|seeds;blended|trained on clean pairs|2;blended|poisoned|2;blended|cross-modal at CleanCLIP's rates|2;blended|cross-modal|2;blended|self-supervised alone|1;blended|CleanCLIP|2;blended|supervised|2;"
is "rates are chosen by images held out, and never by the attack" \
	"$(jq -n -f pipelines/paper/rows.jq "$results"/blended/*/*.jsonl |
		jq -c 'map(.asr.value = 0) | .' |
		jq -r -L pipelines/paper --arg table main-table --arg attacks blended --arg others sig --arg ablated blended --arg poisons 10 --arg clean 128 --arg foreign 64 --arg lambda2 .8 --arg most 1.5e-3 \
			-f pipelines/paper/tables.jq | grep CleanCLIP | cut -f 3)" \
	"$(grep CleanCLIP "$results/tables/main-table.tsv" | cut -f 3)"
for figure in lambda clean-size poison-count tradeoff-blended; do
	ok "a figure: $figure" grep -q '</svg>' "$results/figures/$figure.svg"
done
ok "a page with all of it" grep -q 'Every learning rate' "$T/a/cifar10/report.html"
for what in '</svg>' 't-SNE of test images' 'with the trigger' 'cc-train cleanclip' 'What is left of a trigger'; do
	ok "in which there is: $what" grep -qF "$what" "$T/a/cifar10/report.html"
done
ok "and a text with the tables" grep -q '^| blended | CleanCLIP |' "$T/a.md"
is "a score tells what it was measured on" "$(jq -r .on "$results/blended/1/poisoned.jsonl" | sort | tr '\n' ' ')" "blended clean tune "
is "a clean model is asked with every trigger" "$(jq -r .on "$results/none/1/poisoned.jsonl" | sort | tr '\n' ' ')" "blended clean tune "
is "ten were poisoned, all of them airplanes before, where captions stay" \
	"$(cc-shard read -q "$T/a/cifar10/consistent/poisoned.tar" | cc-view | jq -r 'select(."poison.json") | .cls' | sort | uniq -c | tr -s ' ')" " 10 0"
is "a second run has nothing to make" "$(graph a -n scores 2>&1 | grep -c 'cc-train\|results to make')" 0
rm -r "$T/a"
is "nor has one that has the scores alone, as a clone" "$(graph a -n scores 2>&1 | grep -c 'cc-train\|results to make')" 0

# Stopped at random, four times, and gone on with
for after in 1 2 3 4; do
	graph b -s -j2 lambda clean-size >"$T/.interrupted" 2>&1 &
	sleep $after
	kill -INT $! 2>/dev/null
	wait $! 2>/dev/null
done
ok "a graph that was stopped goes on" graph b -s -j2 lambda clean-size
for state in cleanclip_lr_1.5e-3_lambda2_8 cleanclip_lr_1.5e-3_clean_64; do
	is "to the same scores: $state" "$(jq -c 'del(.model, .classes.vectors, .prog, .classes.prog)' "$T/b.results/cifar10/blended/3/$state.jsonl")" \
		"$(jq -c 'del(.model, .classes.vectors, .prog, .classes.prog)' "$results/blended/3/$state.jsonl")"
	is "and the same model: $state" "$(jq -r .model "$T/b.results/cifar10/blended/3/$state.jsonl")" "$(jq -r .model "$results/blended/3/$state.jsonl")"
done
ok "the full-size run prints its pipes" make -n -f pipelines/cc3m.mk
done_testing
