# jq -r -L . --arg table NAME --argjson set {..} -f tables.jq rows.json: a table of the publication as TSV, its first line the names of
# the columns.  $set: paper.mk's settings.
# A number is the mean over seeds, in brackets the lowest and highest; of one seed, in brackets its 95 % interval (Wilson).
include "cells";
def cell($what): map(.[$what])
	| if length == 1 then .[0] as $it | $it.value | bracketed($it.low; $it.high)
	  else map(.value) as $all | $all | add / length | bracketed($all | min; $all | max) end;
# names: the first columns
def line($names): select(length > 0) | $names + [cell("ca"), cell("asr"), cell("tacc"), (length | tostring)];
def numbers: ["clean accuracy", "attack success", "triggered accuracy", "seeds"];
def methods: ["crossmodal", "ss", "cleanclip", "supervised"];
def rates: map(.lr // empty) | unique_by(tonumber) | join(", ");
def plain: map(select(.lambda2 == null and .clean == null and .epochs == null));
def words: . // "" | split(" ")[];
def of($rows; f): $rows | map(select(f));
def in_order(f): group_by(f) | map({ key: (.[0] | f), rows: . }) | sort_by(.key) | .[];

# The rule, the same for every defence, which does not look at ASR: of the learning rates that all seeds were trained with the highest
# that costs at most three points of accuracy on images held out of the training part; where none does, the one that costs least.
def budget($poisoned): map(select(.tune.value >= $poisoned.tune.value - .03)) as $fine
	| if $fine | length > 0 then $fine | max_by(.lr | tonumber) else max_by(.tune.value) end;
# The rule before it: the highest within one standard error of the best.
def one_standard_error($poisoned): (max_by(.tune.value).tune | .value - (.value * (1 - .value) / .n | sqrt)) as $enough
	| map(select(.tune.value >= $enough)) | max_by(.lr | tonumber);
def pick($rule; $poisoned): map(select(.lr | IN($set.lrs | words))) | select(length > 0)
	| if $rule == "budget" then budget($poisoned) else one_standard_error($poisoned) end;
def picked($rule; $rows; $attack; $method): of($rows; .attack == $attack) | group_by(.seed)
	| map((map(select(.method == "poisoned"))[0]) as $before | plain | map(select(.method == $method))
		| select($before != null and length > 0) | pick($rule; $before));
def picked($rows; $attack; $method): picked("budget"; $rows; $attack; $method);
# The control: the same rate, length and data, seed by seed.
def control($rows; $epochs): map(. as $it | of($rows; .attack == $it.attack and .seed == $it.seed and .method == "crossmodal"
	and .lr == $it.lr and .epochs == $epochs and .clean == null)[]);

def main($rows): ["attack", "state", "rate"] + numbers,
	($set.attacks | words as $a
	| (of($rows; .attack == "none" and .trigger == $a) | line([$a, "trained on clean pairs", ""])),
	  (of($rows; .attack == $a and .method == "poisoned") | line([$a, "poisoned", ""])),
	  (picked($rows; $a; "crossmodal") | line([$a, "cross-modal", rates])),
	  (picked($rows; $a; "ss") | line([$a, ("ss" | method_title), rates])),
	  (picked($rows; $a; "cleanclip") | line([$a, ("cleanclip" | method_title), rates]),
		(control($rows; null) | line([$a, "its control: cross-modal, \($set.clean_epochs) epochs", rates]))),
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
# Those of the main table that an ablation has as one of its points
def beside($rows; $these): $these[0] as $it
	| of($rows; .attack == $it.attack and .method == $it.method and .lr == $it.lr) | plain;
# Cross-modal fine-tuning is lambda2 0.
def lambda($rows): ["rate", "lambda2"] + numbers,
	(of($rows; .attack == $set.ablated and .method == "cleanclip" and .lambda2 != null) | in_order(-(.lr | tonumber)) | .rows
	| . + (beside($rows; .) | map(.lambda2 = $set.lambda2)) + (map(.method = "crossmodal") | beside($rows; .) | map(.lambda2 = "0"))
	| in_order(.lambda2 | tonumber) | .rows | line([rates, .[0].lambda2]));
def clean_size($rows): ["attack", "state", "clean pairs", "rate"] + numbers,
	($set.attacks | words as $a | ("cleanclip", "crossmodal") as $m
	| of($rows; .attack == $a and .method == $m and (.clean // "" | test("^[0-9]+$"))) | select(length > 0)
	| . + (beside($rows; .) | map(.clean = $set.clean)) | in_order(.clean | tonumber) | .rows | line([$a, ($m | method_title), .[0].clean, rates]));
def clean_source($rows): ["pairs to clean with", "state", "rate"] + numbers,
	(("crossmodal", "cleanclip") as $m | ($set.foreign, "foreign") as $source
	| of($rows; .attack == $set.ablated and .clean == $source and .method == $m) | line([if $source == "foreign" then "of another kind" else "of the same kind" end,
		($m | method_title), rates]));
def poison_count($rows): ["poisoned pairs"] + numbers,
	(of($rows; .method == "poisoned" and .kind == $set.ablated and .pretrain == null) | map(.n //= $set.poisons)
	| . + (of($rows; .attack == "none" and .trigger == $set.ablated) | map(.n = "0")) | in_order(.n | tonumber) | .rows | line([.[0].n]));
# The same seed and rates
def pretrain_ss($rows): of($rows; .kind == $set.ablated and .pretrain == "ss") as $with
	| of($rows; .attack == $set.ablated and .seed == $set.once) as $without
	| ["pre-trained with", "state", "rate"] + numbers,
	  (($with | select(length > 0)[]) as $it
	  | (["cross-modal", $without], ["cross-modal and self-supervised", $with]) as [$how, $those]
	  | $those | plain | map(select(.method == $it.method and .lr == $it.lr)) | line([$how, ($it.method | method_title), rates]));
def more($rows): ["state", "rate"] + numbers,
	(of($rows; .attack == $set.ablated and .method == "poisoned" and .seed == $set.once) | line(["poisoned", ""])),
	(of($rows; .method == "unlearn") | line(["unlearning of the known pairs", rates])),
	(of($rows; .pretrain == "removal") | line(["pre-trained with progressive removal", ""]));

. as $rows
| { "main-table": [main($rows)], "other-rule": [rules($rows)], grid: [grid($rows)], "attack-strategy": [strategies($rows)], lambda: [lambda($rows)], "clean-size": [clean_size($rows)],
	"clean-source": [clean_source($rows)], "poison-count": [poison_count($rows)], "pretrain-ss": [pretrain_ss($rows)], more: [more($rows)] }[$table]
| select(length > 1)[] | @tsv
