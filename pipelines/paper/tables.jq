# jq -r --arg table NAME -f tables.jq rows.json: a table of the publication as TSV, its first line the names of the columns.
# A number is the mean over seeds, in brackets the lowest and highest; of one seed, in brackets its 95 % interval (Wilson).
def digits: . * 1000 | round | tostring | if . == "1000" then "1.000" else "." + "000"[length:] + . end;
def cell($what): map(.[$what])
	| if length == 1 then "\(.[0].value | digits) (\(.[0].low | digits)-\(.[0].high | digits))"
	  else "\(map(.value) | add / length | digits) (\(map(.value) | min | digits)-\(map(.value) | max | digits))" end;
# names: the first columns
def line($names): select(length > 0) | $names + [cell("ca"), cell("asr"), cell("tacc"), (length | tostring)];
def numbers: ["clean accuracy", "attack success", "triggered accuracy", "seeds"];
def title: { poisoned: "poisoned", crossmodal: "cross-modal", ss: "self-supervised alone", cleanclip: "CleanCLIP",
	supervised: "supervised" }[.] // .;
def methods: ["crossmodal", "ss", "cleanclip", "supervised"];
def rates: map(.lr // empty) | unique_by(tonumber) | join(", ");
def plain: map(select(.lambda2 == null and .clean == null));
def of($rows; f): $rows | map(select(f));
def in_order(f): group_by(f) | map({ key: (.[0] | f), rows: . }) | sort_by(.key) | .[];

# The rule, the same for every defence, which does not look at ASR: the highest learning rate that costs at most three points
# of accuracy on images held out of the training part; where none does, the one that costs least.
def pick($poisoned): map(select(.tune >= $poisoned.tune - .03)) as $fine
	| if $fine | length > 0 then $fine | max_by(.lr | tonumber) else max_by(.tune) end;
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
	  (methods[] as $m | picked($rows; $a; $m) | line([$a, ($m | title), rates])));
def grid($rows): ["attack", "state", "rate"] + numbers,
	($attacks | split(" ")[] as $a | methods[] as $m
	| of($rows; .attack == $a and .method == $m) | plain | in_order(.lr | tonumber) | .rows | line([$a, ($m | title), .[0].lr]));
def strategies($rows): ["attack", "state", "rate"] + numbers,
	($others | split(" ")[] as $a | ("poisoned", methods[]) as $m | of($rows; .attack == $a and .method == $m) | line([$a, ($m | title), rates]));
def lambda($rows): ["lambda2", "rate"] + numbers,
	(of($rows; .method == "cleanclip" and .lambda2 != null and .pretrain == null) | in_order(.lambda2 | tonumber)
	| .rows | line([.[0].lambda2, rates]));
def clean_size($rows): ["clean pairs", "rate"] + numbers,
	(of($rows; .method == "cleanclip" and (.clean // "" | test("^[0-9]+$"))) | select(length > 0) | .[0] as $it
	| . + (of($rows; .attack == $it.attack and .method == "cleanclip" and .lr == $it.lr) | plain | map(.clean = $clean))
	| in_order(.clean | tonumber) | .rows | line([.[0].clean, rates]));
def clean_source($rows): ["pairs to clean with", "state", "rate"] + numbers,
	(("crossmodal", "cleanclip") as $m | of($rows; .clean == "foreign" and .method == $m) | select(length > 0)
	| .[0] as $it
	| (of($rows; .attack == $it.attack and .method == $m and .lr == $it.lr) | plain | line(["of the same kind", ($m | title), rates])),
	  line(["of another kind", ($m | title), rates]));
def poison_count($rows): ["poisoned pairs"] + numbers,
	(of($rows; .method == "poisoned" and .kind == $ablated and .pretrain == null) | map(.n //= $poisons) | in_order(.n | tonumber)
	| .rows | line([.[0].n]));
def pretrain_ss($rows): ["pre-trained with", "state", "rate"] + numbers,
	(("cross-modal", "cross-modal and self-supervised") as $how
	| of($rows; .kind == $ablated and .n == null and ((.pretrain == "ss") == ($how != "cross-modal"))) | plain as $those
	| ($those | map(select(.method == "poisoned")) | line([$how, "poisoned", ""])),
	  (methods[] as $m | ($those | map(select(.method == $m))) | in_order(.lr | tonumber) | .rows | line([$how, ($m | title), .[0].lr])));
def more($rows): ["state", "rate"] + numbers,
	(of($rows; .attack == $ablated and .method == "poisoned") | .[:1] | line(["poisoned", ""])),
	(of($rows; .method == "unlearn") | line(["unlearning of the known pairs", rates])),
	(of($rows; .pretrain == "removal") | line(["pre-trained with progressive removal", ""]));

. as $rows
| { "main-table": [main($rows)], grid: [grid($rows)], attacks: [strategies($rows)], lambda: [lambda($rows)], "clean-size": [clean_size($rows)],
	"clean-source": [clean_source($rows)], "poison-count": [poison_count($rows)], "pretrain-ss": [pretrain_ss($rows)], more: [more($rows)] }[$table]
| select(length > 1)[] | @tsv
