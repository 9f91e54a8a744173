#!/bin/sh
# The paper's graph at toy size: every experiment, with tables and figures.  Killed at random, it resumes to the same results.
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
	${leader:-} make -f pipelines/paper.mk BIN="$(dirname "$(command -v cc-shard)")" SETS=cifar10 MADE="$T/data" BUILD="$T/$out" STORE="$T/$out.results" RESULTS_MD="$T/$out.md" \
		SEEDS="3 1 3" EPOCHS=1 CLEAN_EPOCHS=1 SUPERVISED_EPOCHS=2 POISONS=10 CLEAN=128 CLEAN_SIZES=64 FOREIGN=64 POISON_COUNTS=5 LRS="1e-3 1.5e-3" LRS_CURVE=2e-3 LAMBDAS="2 8" \
		MAIN=blended OTHERS="sig consistent" CLEAN.foreign="$T/data/foreign.tar" "$@"
}

graph a -n >"$T/dry" 2>&1
ok "a dry run prints pipes" grep -q 'cc-train cleanclip' "$T/dry"
ok "a dry run prints the hours" grep -q 'results to make.*hours on this machine' "$T/dry"
ok "and makes nothing" [ ! -e "$T/a" ]
ok "make paper" graph a -s -j2 paper
results=$T/a.results/cifar10
scores=$T/a.scores
ok "all scores are in one file" pipelines/paper/scores.sh unpack "$results/scores.jsonl" "$scores"
is "scores are not stored a second time" "$(find "$T/a/cifar10/scores" -type f | wc -l) $(ls "$results" | tr '\n' ' ')" "0 figures scores.jsonl tables "
is "a repeated seed counts once" "$(ls "$scores/blended")" "1
3"
for table in main-table grid attack-strategy lambda clean-size clean-source poison-count pretrain-ss more; do
	ok "a table: $table" [ "$(wc -l <"$results/tables/$table.tsv")" -gt 1 ]
done
is "rows of the main table" "$(cut -f 1,2,7 "$results/tables/main-table.tsv" | tr '\t\n' '|;')" \
	"attack|state|seeds;blended|trained on clean pairs|2;blended|poisoned|2;blended|cross-modal|2;blended|self-supervised alone|1;blended|CleanCLIP|2;blended|its control: cross-modal, 1 epochs|2;blended|supervised|2;blended|its control: cross-modal, 2 epochs|2;"
set='{ "attacks": "blended", "others": "sig consistent", "ablated": "blended", "once": "1", "seeds": "1 3", "poisons": "10", "clean": "128", "foreign": "64",
	"lambda2": ".8", "lrs": "1e-3 1.5e-3", "epochs": "1", "clean_epochs": "1", "supervised_epochs": "2" }'
rows() { jq -n -L pipelines/paper --argjson set "$set" --slurpfile runs /dev/null -f pipelines/paper/rows.jq "$results/scores.jsonl"; }
table() { jq -r -L pipelines/paper --arg table "$1" --argjson set "$set" -f pipelines/paper/tables.jq; }
is "learning rates are chosen on held-out images, never by attack success" "$(rows | jq -c 'map(.asr.value = 0)' | table main-table | grep CleanCLIP | cut -f 3)" \
	"$(grep CleanCLIP "$results/tables/main-table.tsv" | cut -f 3)"
is "models with different pre-training are compared at the same learning rates" "$(cut -f 2 "$results/tables/pretrain-ss.tsv" | grep -c 'poisoned\|CleanCLIP')" 4
is "and with the same seed" "$(awk -F '\t' 'NR > 1 { print $7 }' "$results/tables/pretrain-ss.tsv" | sort -u)" 1
fails_with "made with lambda2 0.8, but the settings are lambda2 99: " graph a -s LAMBDA2=99 figures
fails_with "made with epochs 1, but the settings are epochs 4: " graph a -s CLEAN_EPOCHS=4 figures
is "processing weakens a trigger" "$(jq -s 'map({ key: .after, value: .metrics.residual }) | from_entries
	| [.resize < .nothing, .crop != .nothing, .jpeg != .nothing]' -c "$scores/triggers/sig.jsonl")" "[true,true,true]"
for figure in lambda clean-size-blended poison-count tradeoff-blended; do
	ok "a figure: $figure" grep -q '</svg>' "$results/figures/$figure.svg"
done
ok "the page has the grid of learning rates" grep -q 'Every learning rate' "$T/a/cifar10/report.html"
{ cat "$T/a/cifar10/report.html"; figures_of "$T/a/cifar10/report.html"; } >"$T/shown"
for what in '</svg>' "stroke-width='2' stroke-linecap='round'" 't-SNE of test images' 'with the trigger' 'cc-train cleanclip' 'What is left of a trigger'; do
	ok "the page has: $what" grep -qF "$what" "$T/shown"
done
ok "RESULTS.md has the tables" grep -q '^| blended | CleanCLIP |' "$T/a.md"
is "a score records what was scored" "$(jq -r .on "$scores/blended/1/poisoned.jsonl" | sort | tr '\n' ' ')" "blended clean model tune "
is "a score records how its model was made" "$(jq -c 'select(.on == "model") | [.prog[-1].name, (.model.prog[-1].name)]' "$scores/blended/1/cleanclip_lr_1e-3.jsonl")" \
	'["cc-train cleanclip","cc-train clip"]'
is "a clean model is tested with every trigger" "$(jq -r .on "$scores/none/1/poisoned.jsonl" | sort | tr '\n' ' ')" "blended clean consistent model sig tune "
is "label-consistent: ten pairs are poisoned, all of them airplanes" \
	"$(cc-shard read -q "$T/a/cifar10/consistent/poisoned.tar" | cc-view | jq -r 'select(."poison.json") | .cls' | sort | uniq -c | tr -s ' ')" " 10 0"
dry_run() { graph a -n "$1" >"$T/dry" 2>&1 || { cat "$T/dry"; return 1; }; }
ok "dry run after everything was made" dry_run scores
is "nothing is left to make" "$(grep -c 'cc-train\|results to make' "$T/dry")" 0
rm -r "$T/a"
ok "dry run with scores.jsonl only" dry_run scores
is "as in a clone, nothing is left to make" "$(grep -c 'cc-train\|results to make' "$T/dry")" 0
ok "dry run of measures" dry_run measures
is "no measure is left to make" "$(grep -c 'cc-train\|cc-score' "$T/dry")" 0
cp -r "$T/a.results" "$T/less.results"
grep -v '"result":"blended/3/crossmodal_lr_1e-3"' "$results/scores.jsonl" >"$T/less.results/cifar10/scores.jsonl"
is "only a result whose lines were removed is rebuilt" "$(graph less -n scores 2>&1 | sed -n 's|^mv .* .*/scores/\(.*\.jsonl\)$|\1|p')" blended/3/crossmodal_lr_1e-3.jsonl
head -c 3000 "$results/scores.jsonl" >"$T/less.results/cifar10/scores.jsonl"
fails_with "cannot be read: restore it" graph less -n scores

# Killed at random with all its processes, then resumed
printf '#!/bin/sh\necho $$ >"%s/pid"\nexec "$@"\n' "$T" >"$T/leader"
chmod +x "$T/leader"
killed=0
for after in 1 2 3 4; do
	leader="setsid $T/leader" graph b -s -j2 lambda clean-size >"$T/.killed" 2>&1 &
	while [ ! -s "$T/pid" ]; do sleep .1; done
	sleep $after
	kill -KILL "-$(cat "$T/pid")" 2>/dev/null && killed=$((killed + 1))
	wait $! 2>/dev/null
	rm "$T/pid"
done
ok "it was killed $killed times" [ $killed -gt 1 ]
ok "a killed graph resumes, with experiments that share data" graph b -s -j2 lambda clean-size
ok "its scores can be unpacked" pipelines/paper/scores.sh unpack "$T/b.results/cifar10/scores.jsonl" "$T/b.scores"
for state in cleanclip_lr_1.5e-3_lambda2_8 cleanclip_lr_1.5e-3_clean_64; do
	is "the scores are the same: $state" "$(jq -c 'select(.on != "model") | del(.model, .classes.vectors, .prog, .classes.prog)' "$T/b.scores/blended/3/$state.jsonl")" \
		"$(jq -c 'select(.on != "model") | del(.model, .classes.vectors, .prog, .classes.prog)' "$scores/blended/3/$state.jsonl")"
	is "the model is the same: $state" "$(jq -r "select(.on == \"clean\").model" "$T/b.scores/blended/3/$state.jsonl")" "$(jq -r "select(.on == \"clean\").model" "$scores/blended/3/$state.jsonl")"
done

# Invalid requests are reported before training, and do not stop other runs.
fails_with "cat's cradle\" is not one of the classes" graph c -s TARGET="cat's cradle" poison-count
fails_with "128 pairs in" graph c -s CLEAN_SIZES=500 clean-size
fails_with "but cleaning needs 500" graph c -s -k CLEAN_SIZES=500 clean-size
fails_with "-n 1000: only 384 records to choose from" graph c -s POISON_COUNTS=1000 poison-count
fails_with "MADE holds one data set, but SETS names several: cifar10 drawings" graph c -s SETS="cifar10 drawings" paper
is "equal seeds written differently count once" "$(graph c -n SEEDS="1 01 001" lambda 2>&1 | grep -c 'cc-train cleanclip')" 4
cp -r "$T/data" "$T/bad"
head -c 5000 /dev/urandom >"$T/bad/spare.tar"
graph d -s MADE="$T/bad" "$T/d/cifar10/tune.tar" >"$T/said" 2>&1 && status=0 || status=$?
is "unreadable spare images are an error, and do not give a smaller set" "$status $(ls "$T/d/cifar10" | grep -c 'tune.tar$')" "2 0"
ok "a dry run works without data" make -n -f pipelines/paper.mk BUILD="$T/none" STORE="$T/none.results" paper

# The graph for full-size data: shards are read in place, and triggers are added during reading.
ok "a dry run of the full-size graph" make -n -f pipelines/cc3m.mk
full() {
	make -f pipelines/cc3m.mk BIN="$(dirname "$(command -v cc-shard)")" BUILD="$T/full" STORE="$T/full.results" RESULTS_MD="$T/full.md" TARGET=airplane CLASSES="$T/data/classes.txt" VOCAB= \
		CC3M="$T/cc3m-{0..2}.tar" CLEAN100K="$T/data/clean.tar" SBU="$T/data/foreign.tar" IMAGENET="$T/data/test.tar" LABELLED="$T/data/spare.tar" TUNE="$T/data/tune.tar" \
		PAIRS="train=384 test=128 tune=64" MODEL=pipelines/models/tiny.json SIZE=32 SEEDS=1 EPOCHS=1 CLEAN_EPOCHS=1 SUPERVISED_EPOCHS=1 POISONS=10 CLEAN=128 CLEAN_SIZES=64 \
		FOREIGN=64 POISON_COUNTS=5 LAMBDAS=2 BATCH.poisoned=64 BATCH.supervised=32 BATCH.probe=32 WARMUP.poisoned=2 WARMUP=1 WARMUP.supervised=1 LRS=1e-5 MAIN=blended OTHERS=consistent "$@"
}
cc-shard read -q "$T/data/train.tar" | cc-shard write -q --max-count 128 "$T/cc3m-%d.tar"
ok "the full-size graph at toy size" full -s -j2 paper
scores=$T/full.scores
ok "its scores can be unpacked" pipelines/paper/scores.sh unpack "$T/full.results/cc3m/scores.jsonl" "$scores"
is "the numbers of poisoned pairs" "$(wc -l <"$T/full/cc3m/blended/poisoned.keys") $(wc -l <"$T/full/cc3m/blended_n_5/poisoned.keys")" "10 5"
is "the smaller set of poisoned pairs is part of the larger one" "$(grep -cxFf "$T/full/cc3m/blended/poisoned.keys" "$T/full/cc3m/blended_n_5/poisoned.keys")" 5
is "exactly these pairs have the trigger" "$(cc-shard read -q "$T/full/cc3m/blended/known.tar" | cc-view | jq -r 'select(."poison.json").__key__' | sort)" \
	"$(sort "$T/full/cc3m/blended/poisoned.keys")"
is "the model's provenance has the poisoning" "$(jq -c 'select(.on == "model") | .prog[] | select(.name == "cc-poison").args | index("--keys") != null' "$scores/blended/1/poisoned.jsonl")" true
is "supervised fine-tuning uses the labelled images" "$(jq -c 'select(.on == "model").data.records' "$scores/blended/1/supervised_lr_1e-4.jsonl")" 32
fails_with "pairs of $T/full/cc3m/data/train.list can be poisoned, but 300 are needed" full -s ABLATED=consistent POISON_COUNTS=300 "$T/full/cc3m/consistent_n_300/poisoned.keys"
fails_with "target 'zebra' is not a class in $T/data/classes.txt" full -s BUILD="$T/zebra" TARGET=zebra data
ok "make with other shards" full -s CC3M="$T/cc3m-0.tar" "$T/full/cc3m/data/train.list"
is "gives a list of the new shards only" "$(cat "$T/full/cc3m/data/train.list")" "$T/cc3m-0.tar"
done_testing
