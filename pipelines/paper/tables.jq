# jq -r -L . --arg table NAME --argjson set {..} -f tables.jq rows.json: a table of the publication as TSV with a header line.
# $set: make variables.  Rows: see rows.jq.
# A number is the mean over seeds with the lowest and highest in brackets, or, for one seed, its value with its 95 % interval (Wilson).
include "cells";
def cell($what): map(.[$what])
	| if length == 1 then .[0] as $it | $it.value | bracketed($it.low; $it.high)
	  else map(.value) as $all | $all | add / length | bracketed($all | min; $all | max) end;
# $names: the first columns
def line($names): select(length > 0) | $names + [cell("ca"), cell("asr"), cell("tacc"), (length | tostring)];
def numbers: ["clean accuracy", "attack success", "triggered accuracy", "seeds"];
def methods: ["crossmodal", "ss", "cleanclip", "supervised"];
def rates: map(select(.method != "poisoned").lr) | unique_by(tonumber) | join(", ");
# The defaults of a method
def usual_clean: .method == "supervised" or .clean == $set.clean;
def usual_epochs: .epochs == if .method == "supervised" then $set.supervised_epochs else $set.clean_epochs end;
def plain: map(select(.method == "poisoned" or (.lambda2 // $set.lambda2) == $set.lambda2 and usual_clean and usual_epochs));
def words: . // "" | split(" ")[];
def of($rows; f): $rows | map(select(f));
def in_order(f): group_by(f) | map({ key: (.[0] | f), rows: . }) | sort_by(.key) | .[];

# How a learning rate is chosen, for every defence and without using ASR: of the rates that all seeds were trained with, the highest
# that costs at most three points of accuracy on held-out images; if every rate costs more, the one that costs least.
def budget($poisoned): map(select(.tune.value >= $poisoned.tune.value - .03)) as $fine
	| if $fine | length > 0 then $fine | max_by(.lr | tonumber) else max_by(.tune.value) end;
# An earlier rule: the highest rate within one standard error of the best.
def one_standard_error($poisoned): (max_by(.tune.value).tune | .value - (.value * (1 - .value) / .n | sqrt)) as $enough
	| map(select(.tune.value >= $enough)) | max_by(.lr | tonumber);
def pick($rule; $poisoned): map(select(.lr | IN($set.lrs | words))) | select(length > 0)
	| if $rule == "budget" then budget($poisoned) else one_standard_error($poisoned) end;
def picked($rule; $rows; $attack; $method): of($rows; .attack == $attack) | group_by(.seed)
	| map((map(select(.method == "poisoned"))[0]) as $before | plain | map(select(.method == $method))
		| select($before != null and length > 0) | pick($rule; $before));
def picked($rows; $attack; $method): picked("budget"; $rows; $attack; $method);
# The control of each row: cross-modal fine-tuning with the same seed, rate and data for $epochs epochs.
def control($rows; $epochs): map(. as $it | of($rows; .attack == $it.attack and .seed == $it.seed and .method == "crossmodal"
	and .lr == $it.lr and .epochs == $epochs and usual_clean)[]);

def main($rows): ["attack", "state", "rate"] + numbers,
	($set.attacks | words as $a
	| (of($rows; .attack == "none" and .trigger == $a) | line([$a, "trained on clean pairs", ""])),
	  (of($rows; .attack == $a and .method == "poisoned") | line([$a, "poisoned", ""])),
	  (picked($rows; $a; "crossmodal") | line([$a, "cross-modal", rates])),
	  (picked($rows; $a; "ss") | line([$a, ("ss" | method_title), rates])),
	  (picked($rows; $a; "cleanclip") | line([$a, ("cleanclip" | method_title), rates]),
		(control($rows; $set.clean_epochs) | line([$a, "its control: cross-modal, \($set.clean_epochs) epochs", rates]))),
	  (picked($rows; $a; "supervised") | line([$a, ("supervised" | method_title), rates]),
		(control($rows; $set.supervised_epochs) | line([$a, "its control: cross-modal, \($set.supervised_epochs) epochs", rates]))));
def rules($rows): ["attack", "state", "rate"] + numbers,
	($set.attacks | words as $a | methods[] as $m
	| picked("one standard error"; $rows; $a; $m) | line([$a, ($m | method_title), rates]));
def grid($rows): ["attack", "state", "rate"] + numbers,
	($set.attacks | words as $a | methods[] as $m
	| of($rows; .attack == $a and .method == $m) | plain | in_order(.lr | tonumber) | .rows | line([$a, ($m | method_title), .[0].lr]));
def strategies($rows): ["attack", "state", "rate"] + numbers,
	($set.others | words as $a
	| (of($rows; .attack == "none" and .trigger == $a) | line([$a, "trained on clean pairs", ""])),
	  (("poisoned", methods[]) as $m | of($rows; .attack == $a and .method == $m) | line([$a, ($m | method_title), rates])));
# Cross-modal fine-tuning is lambda2 0.
def lambda($rows): ["rate", "lambda2"] + numbers,
	(of($rows; .attack == $set.ablated and .method == "cleanclip" and usual_clean and usual_epochs) | in_order(-(.lr | tonumber)) | .rows
	| select(any(.lambda2 != $set.lambda2)) | .[0].lr as $lr
	| . + (of($rows; .attack == $set.ablated and .method == "crossmodal" and .lr == $lr) | plain | map(.lambda2 = "0"))
	| in_order(.lambda2 | tonumber) | .rows | line([$lr, .[0].lambda2]));
def clean_size($rows): ["attack", "state", "clean pairs", "rate"] + numbers,
	($set.attacks | words as $a | ("cleanclip", "crossmodal") as $m
	| of($rows; .attack == $a and .method == $m and (.lambda2 // $set.lambda2) == $set.lambda2 and usual_epochs and (.clean | test("^[0-9]+$")))
	| group_by(.lr)[] | select(any(usual_clean | not)) | in_order(.clean | tonumber) | .rows | line([$a, ($m | method_title), .[0].clean, rates]));
def clean_source($rows): ["pairs to clean with", "state", "rate"] + numbers,
	(("crossmodal", "cleanclip") as $m | ($set.foreign, "foreign") as $source
	| of($rows; .attack == $set.ablated and .clean == $source and .method == $m) | line([if $source == "foreign" then "of another kind" else "of the same kind" end,
		($m | method_title), rates]));
def poison_count($rows): ["poisoned pairs"] + numbers,
	(of($rows; .method == "poisoned" and .pretrain == "none" and .trigger == $set.ablated) | in_order(.poisons | tonumber) | .rows | line([.[0].poisons]));
# The same seed and rates, with and without the self-supervised loss in pre-training
def pretrain_ss($rows): of($rows; .attack == $set.ablated and .seed == $set.once and .poisons == $set.poisons) | plain
	| map(select(.pretrain == "ss")) as $with | map(select(.pretrain == "none")) as $without
	| ["pre-trained with", "state", "rate"] + numbers,
	  ($with[] as $it
	  | (["cross-modal", $without], ["cross-modal and self-supervised", $with]) as [$how, $those]
	  | $those | map(select(.method == $it.method and .lr == $it.lr)) | line([$how, ($it.method | method_title), rates]));
def more($rows): ["state", "rate"] + numbers,
	(of($rows; .attack == $set.ablated and .seed == $set.once and .poisons == $set.poisons)
	| (map(select(.method == "poisoned" and .pretrain == "none")) | line(["poisoned", ""])),
	  (map(select(.method == "unlearn")) | line(["unlearning of the known pairs", rates])),
	  (map(select(.pretrain == "removal")) | line(["pre-trained with progressive removal", ""])));

. as $rows
# Without the ablations over poisoned pairs and pre-training
| map(select(.pretrain == "none" and (.attack == "none" or .poisons == $set.poisons))) as $main
| { "main-table": [main($main)], "other-rule": [rules($main)], grid: [grid($main)], "attack-strategy": [strategies($main)], lambda: [lambda($main)], "clean-size": [clean_size($main)],
	"clean-source": [clean_source($main)], "poison-count": [poison_count($rows)], "pretrain-ss": [pretrain_ss($rows)], more: [more($rows)] }[$table]
| select(length > 1)[] | @tsv
