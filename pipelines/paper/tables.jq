# jq -r -L . --arg table NAME -f tables.jq rows.json: a table of the publication as TSV, its first line the names of the columns.
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
def plain: map(select(.lambda2 == null and .clean == null));
def of($rows; f): $rows | map(select(f));
def in_order(f): group_by(f) | map({ key: (.[0] | f), rows: . }) | sort_by(.key) | .[];

# The rule, the same for every defence, which does not look at ASR: of its learning rates up to that of the pre-training the highest
# that costs at most three points of accuracy on images held out of the training part; where none does, the one that costs least.
def pick($poisoned): map(select((.lr | tonumber) <= ($most | tonumber))) | select(length > 0)
	| map(select(.tune.value >= $poisoned.tune.value - .03)) as $fine
	| if $fine | length > 0 then $fine | max_by(.lr | tonumber) else max_by(.tune.value) end;
def picked($rows; $attack; $method): of($rows; .attack == $attack) | group_by(.seed)
	| map((map(select(.method == "poisoned"))[0]) as $before | plain | map(select(.method == $method))
		| select($before != null and length > 0) | pick($before));
# The control: the same rate, length and data, seed by seed.
def matched($rows; $attack): picked($rows; $attack; "cleanclip")
	| map(. as $it | of($rows; .attack == $attack and .seed == $it.seed and .method == "crossmodal" and .lr == $it.lr) | plain[]);

def main($rows): ["attack", "state", "rate"] + numbers,
	($attacks | split(" ")[] as $a
	| (of($rows; .attack == "none" and .trigger == $a) | line([$a, "trained on clean pairs", ""])),
	  (of($rows; .attack == $a and .method == "poisoned") | line([$a, "poisoned", ""])),
	  (matched($rows; $a) | line([$a, "cross-modal at CleanCLIP\u0027s rates", rates])),
	  (methods[] as $m | picked($rows; $a; $m) | line([$a, ($m | method_title), rates])));
def grid($rows): ["attack", "state", "rate"] + numbers,
	($attacks | split(" ")[] as $a | methods[] as $m
	| of($rows; .attack == $a and .method == $m) | plain | in_order(.lr | tonumber) | .rows | line([$a, ($m | method_title), .[0].lr]));
def strategies($rows): ["attack", "state", "rate"] + numbers,
	($others | split(" ")[] as $a | ("poisoned", methods[]) as $m | of($rows; .attack == $a and .method == $m) | line([$a, ($m | method_title), rates]));
# Those of the main table that an ablation has as one of its points
def beside($rows; $these): $these[0] as $it
	| of($rows; .attack == $it.attack and .method == $it.method and .lr == $it.lr) | plain;
def lambda($rows): ["lambda2", "rate"] + numbers,
	(of($rows; .attack == $ablated and .method == "cleanclip" and .lambda2 != null) | select(length > 0)
	| . + (beside($rows; .) | map(.lambda2 = $lambda2)) | in_order(.lambda2 | tonumber) | .rows | line([.[0].lambda2, rates]));
def clean_size($rows): ["clean pairs", "rate"] + numbers,
	(of($rows; .attack == $ablated and .method == "cleanclip" and (.clean // "" | test("^[0-9]+$"))) | select(length > 0)
	| . + (beside($rows; .) | map(.clean = $clean)) | in_order(.clean | tonumber) | .rows | line([.[0].clean, rates]));
def clean_source($rows): ["pairs to clean with", "state", "rate"] + numbers,
	(("crossmodal", "cleanclip") as $m | ($foreign, "foreign") as $source
	| of($rows; .attack == $ablated and .clean == $source and .method == $m) | line([if $source == "foreign" then "of another kind" else "of the same kind" end,
		($m | method_title), rates]));
def poison_count($rows): ["poisoned pairs"] + numbers,
	(of($rows; .method == "poisoned" and .kind == $ablated and .pretrain == null) | map(.n //= $poisons)
	| . + (of($rows; .attack == "none" and .trigger == $ablated) | map(.n = "0")) | in_order(.n | tonumber) | .rows | line([.[0].n]));
def pretrain_ss($rows): ["pre-trained with", "state", "rate"] + numbers,
	(("cross-modal", "cross-modal and self-supervised") as $how
	| of($rows; .kind == $ablated and .n == null and ((.pretrain == "ss") == ($how != "cross-modal"))) | plain as $those
	| ($those | map(select(.method == "poisoned")) | line([$how, "poisoned", ""])),
	  (methods[] as $m | ($those | map(select(.method == $m))) | in_order(.lr | tonumber) | .rows | line([$how, ($m | method_title), .[0].lr])));
def more($rows): ["state", "rate"] + numbers,
	(of($rows; .attack == $ablated and .method == "poisoned") | .[:1] | line(["poisoned", ""])),
	(of($rows; .method == "unlearn") | line(["unlearning of the known pairs", rates])),
	(of($rows; .pretrain == "removal") | line(["pre-trained with progressive removal", ""]));

. as $rows
| { "main-table": [main($rows)], grid: [grid($rows)], "attack-strategy": [strategies($rows)], lambda: [lambda($rows)], "clean-size": [clean_size($rows)],
	"clean-source": [clean_source($rows)], "poison-count": [poison_count($rows)], "pretrain-ss": [pretrain_ss($rows)], more: [more($rows)] }[$table]
| select(length > 1)[] | @tsv
