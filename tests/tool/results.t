#!/bin/sh
# The committed results: scores.jsonl gives the tables, figures and RESULTS.md byte for byte, and has every score packed into it.
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL
store=pipelines/results/paper
tool=pipelines/paper/scores.sh

graph() { make -s -f pipelines/paper.mk BUILD="$T/build" STORE="$T/pipelines/results/paper" RESULTS_MD="$T/pipelines/RESULTS.md" "$@"; }
for set in cifar10 drawings; do
	mkdir -p "$T/pipelines/results/paper/$set/figures"
	cp "$store/$set/scores.jsonl" "$T/pipelines/results/paper/$set"
	cp -R "$store/$set/figures/tsne" "$T/pipelines/results/paper/$set/figures"
done
ok "tables and figures are made from scores.jsonl alone" graph results
is "they and RESULTS.md equal the committed ones" "$(diff -r "$store" "$T/pipelines/results/paper" 2>&1; cmp pipelines/RESULTS.md "$T/pipelines/RESULTS.md" 2>&1)" ""
# experiments.tsv lists every scored run with its recorded settings.
runs_of() { graph --eval 'runs: ; @$(call LIST_RUNS,json) -c' SET="$@" runs; }
for set in cifar10 drawings; do
	runs_of $set | jq -c '{ result: .run } + . | del(.run, .experiments)' >"$T/runs"
	jq -c 'select(.method)' "$store/$set/scores.jsonl" >"$T/recorded"
	is "$set: recorded settings equal those of experiments.tsv" "$(grep -vxFf "$T/runs" "$T/recorded")" ""
	is "$set: every score has its settings" "$(jq -r 'select(.on).result' "$store/$set/scores.jsonl" | sort -u)" "$(jq -r .result "$T/recorded" | sort)"
	mkdir -p "$T/old/$set"
	grep -vxFf "$T/recorded" "$store/$set/scores.jsonl" >"$T/old/$set/scores.jsonl"
	ok "$set: a file of an older version, without settings" graph STORE="$T/old" SET=$set figures
	is "$set: gives the same tables" "$(diff -r "$store/$set/tables" "$T/old/$set/tables")" ""
done
is "a run has its settings and its experiments" "$(runs_of cifar10 SEEDS=7 | jq -c 'select(.run == "blended/7/cleanclip_lr_1.5e-3_lambda2_4")')" \
	'{"run":"blended/7/cleanclip_lr_1.5e-3_lambda2_4","experiments":["lambda"],"seed":"7","attack":"blended","poisons":"400","pretrain":"none","method":"cleanclip","lr":"1.5e-3","lambda2":"4","clean":"7000","epochs":"6"}'
is "equal settings from two experiments are one run" "$(runs_of cifar10 LAMBDAS=.8 CLEAN_SIZES=7000 | jq -c 'select(.run == "blended/1/cleanclip_lr_1.5e-3").experiments')" \
	'["main-table","lambda","clean-size","measured"]'
is "an empty list gives no runs" "$(runs_of cifar10 OTHERS= | grep -c attack-strategy)" 0
cp -R pipelines "$T/tree"
printf 'more\t-\tONCE\tMAIN\t-\t-\tcrossmodal\tLADDER\t-\t-\t-\n' >>"$T/tree/paper/experiments.tsv"
is "a new line with a new setting gives new runs" "$(make -s -f "$T/tree/paper.mk" BUILD="$T/build" SET=cifar10 LADDER="6e-3 9e-3" MAIN=wanet -n more 2>/dev/null | grep -c 'cc-train clip.*--lr [69]e-3')" 2
fails_with "experiments.tsv names LADDER, which " make -f "$T/tree/paper.mk" BUILD="$T/build" SET=cifar10 -n more
printf 'more\t-\tONCE\tMAIN\t-\t-\tno-such-method\t1e-3\t-\t-\t-\n' >>"$T/tree/paper/experiments.tsv"
fails_with "the method no-such-method has no default line" make -f "$T/tree/paper.mk" BUILD="$T/build" SET=cifar10 LADDER=6e-3 -n more
# The files of each set before packing: sha256sum of all lines as printed by jq -c, in the order of file names
digest() { # SET PATTERN
	(cd "$T/$1" && find . -name "$2" | LC_ALL=C sort | xargs -d '\n' cat | sha256sum | cut -c 1-16)
}
for set in cifar10 drawings; do
	$tool unpack "$store/$set/scores.jsonl" "$T/$set"
done
is "cifar10: lines of all *.jsonl are unchanged" "$(digest cifar10 '*.jsonl')" 5fb1005da4d50374
is "cifar10: lines of all *.measures.json are unchanged" "$(digest cifar10 '*.measures.json')" f30edb16e3dfcefa
is "cifar10: lines of all *.made.json are unchanged" "$(digest cifar10 '*.made.json')" a087d09e3944b67a
is "cifar10: lines of all *.curve are unchanged" "$(digest cifar10 '*.curve')" 7d1d0308e3566e93
is "drawings: lines of all *.jsonl are unchanged" "$(digest drawings '*.jsonl')" e3d31f65fa706dbb
is "drawings: lines of all *.measures.json are unchanged" "$(digest drawings '*.measures.json')" e34bb6c45d03f110
is "drawings: lines of all *.made.json are unchanged" "$(digest drawings '*.made.json')" ffd17629f80d7044
is "drawings: lines of all *.curve are unchanged" "$(digest drawings '*.curve')" 0a25cc2d2bac6670
$tool unpack pipelines/results/demo/scores.jsonl "$T/demo"
is "the demo's table is made from its scores" "$({ pipelines/table.sh "$T/demo" "21 22 23"; for seed in 21 22 23; do echo; pipelines/table.sh "$T/demo" $seed; done; } | grep -v '^$')" \
	"$(sed '1,2d; /^$/d' pipelines/results/demo/table.txt)"

# Finished results are not rebuilt.
dry_run() { graph SET=cifar10 -n main-table lambda clean-size >"$T/dry" 2>&1 || { cat "$T/dry"; return 1; }; }
ok "a dry run" dry_run
is "results with scores are not rebuilt" "$(grep -c 'blended/1/.*cc-train\|blended/1/.*\.jsonl$' "$T/dry")" 0

# Packing is lossless, adds to existing scores, and replaces a result that was rebuilt.
mkdir -p "$T/one"
cp -R "$T/cifar10/wanet" "$T/one"
echo weights >"$T/one/wanet/model.safetensors"
: >"$T/one/notes.md"
$tool pack "$T/few.jsonl" "$T/one"
is "packed files are removed, and no others" "$(cd "$T/one" && find . -type f | LC_ALL=C sort | tr '\n' ' ')" "./notes.md ./wanet/model.safetensors "
rm "$T/one/notes.md" "$T/one/wanet/model.safetensors"
mkdir "$T/one/sig"
cp -R "$T/cifar10/sig/1" "$T/one/sig"
cp -R "$T/cifar10/triggers" "$T/one"
mkdir -p "$T/one/wanet/2"
jq -c 'if .on == "clean" then .metrics.acc1 = .5 else . end' "$T/cifar10/wanet/2/poisoned.jsonl" >"$T/one/wanet/2/poisoned.jsonl"
$tool pack "$T/few.jsonl" "$T/one"
$tool unpack "$T/few.jsonl" "$T/few"
is "further scores are added" "$(diff -r "$T/cifar10/sig" "$T/few/sig"; diff -r "$T/cifar10/triggers" "$T/few/triggers")" ""
is "a rebuilt result is replaced, and no other" "$(diff -rq "$T/cifar10/wanet" "$T/few/wanet" | sed "s|$T/||g")" "Files cifar10/wanet/2/poisoned.jsonl and few/wanet/2/poisoned.jsonl differ"
is "the replacement has its own numbers" "$(jq -c 'select(.on == "clean") | [.metrics.acc1, .value == .5]' "$T/few/wanet/2/poisoned.jsonl")" "[0.5,false]"
is "a chain is stored once" "$(jq -c 'select(.chain != null).prog' "$T/few.jsonl" | sort | uniq -d | wc -l)" 0
printf '{"step": 1, "loss": 2}\n{"step": 2, "lo{"step": 3, "loss": 1.5}\n{"step": 4, "loss": 1, "lr": 3}\n' >"$T/one/sig/killed.curve"
$tool pack "$T/few.jsonl" "$T/one"
$tool unpack "$T/few.jsonl" "$T/few"
is "a curve with an incomplete line and a new column" "$(cat "$T/few/sig/killed.curve")" '{"step":1,"loss":2}
{"step":4,"loss":1,"lr":3}'

# Names in the file cannot leave the folder and are not executed.
for name in '../../ran' '/tmp/ran' 'a/../../ran' '$(touch ran)' 'a;touch ran' '-rf' 'a b' '%' '|ran' ''; do
	jq -c --arg name "$name" 'if .result then .result = $name else . end' pipelines/results/demo/scores.jsonl >"$T/odd.jsonl"
	fails_with "is not a valid name of a result" $tool unpack "$T/odd.jsonl" "$T/odd/a/b"
	fails_with "is not a valid name of a result" $tool list "$T/odd.jsonl"
done
mkdir -p "$T/odd/p/x\$(touch ran)"
cp "$T/cifar10/sig/1/poisoned.jsonl" "$T/odd/p/x\$(touch ran)"
fails_with "is not a valid name of a result" $tool pack "$T/odd/new.jsonl" "$T/odd/p"
is "what cannot be packed is kept" "$(find "$T/odd/p" -type f | wc -l) $(ls "$T/odd")" "1 p"
is "no name was executed" "$(find . "$T" /tmp/ran -name ran 2>/dev/null | wc -l)" 0
head -c 20000 "$T/few.jsonl" >"$T/cut.jsonl"
fails_with "jq: error" $tool unpack "$T/cut.jsonl" "$T/cut"
done_testing
