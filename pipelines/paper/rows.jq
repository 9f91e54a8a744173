# The scores of paper.mk (jq -n --argjson set {..}, all .jsonl files of a set, unpacked by scores.sh) as one array of rows: what was done, and what came of it.
#   { attack, kind, n, pretrain, seed, state, method, lr, lambda2, clean, epochs,
#     tune: CA on held-out images, ca, asr, tacc: { value, low, high, n };  trigger: whose ASR that is }
# $set: paper.mk's settings.  Of other seeds there are no rows.  A model that was made with other settings than its name and $set
# say is an error: tables would call it what it is not.
def setting(name; $key; $default): (name | split("_")) as $w | ($w | index($key)) as $i | if $i then $w[$i + 1] else $default end;
def share($s; $m): { value: $s.metrics[$m], low: $s.intervals[$m][0], high: $s.intervals[$m][1], n: $s.n };

# Of the last run of a program that a chain names, the word behind an option
def option($chain; $program; $option): ($chain | map(select(.name | startswith($program))) | last // {} | .args // []) as $args
	| ($args | index($option)) as $i | if $i then $args[$i + 1] else null end;
def wanted($row): if $row.method == "poisoned" then { epochs: $set.epochs, poisons: ($row.n // $set.poisons) } else {
	lr: $row.lr, lambda2: (if $row.method == "cleanclip" then $row.lambda2 // $set.lambda2 else null end),
	epochs: ($row.epochs // if $row.method == "supervised" then $set.supervised_epochs else $set.clean_epochs end) } end
	| map_values(select(. != null) | tonumber);
def made($row; $model): ($model.prog // []) as $chain | if $row.method == "poisoned" then {
	epochs: option($chain; "cc-shard read"; "--epochs") , poisons: option($chain; "cc-poison"; "--count") } else {
	lr: option($chain; "cc-train"; "--lr"), lambda2: option($chain; "cc-train"; "--lambda2"), epochs: option($chain; "cc-shard read"; "--epochs") } end
	| map_values(select(. != null) | tonumber);
def check($row; $model; $file): if $model == null then . else
	(wanted($row) | to_entries[]) as $it
	| (made($row; $model)[$it.key] // if $it.key == "epochs" then 1 else $it.value end) as $is
	| select($is != $it.value)
	| error("\($file): was made with \($it.key) \($is), and the settings say \($it.value): remove its lines from scores.jsonl, or take its settings") end;

reduce inputs as $score ({}; .[input_filename][$score.on] = $score)
| to_entries
| map((.key | split("/")) as $path
	| ($path[-1] | sub("[.]jsonl$"; "")) as $state
	| .key as $file
	| .value as $scores
	| { attack: $path[-3], kind: ($path[-3] | split("_")[0]), n: setting($path[-3]; "n"; null),
	    pretrain: setting($path[-3]; "pretrain"; null), seed: $path[-2], state: $state, method: ($state | split("_")[0]),
	    lr: setting($state; "lr"; null), lambda2: setting($state; "lambda2"; null), clean: setting($state; "clean"; null),
	    epochs: setting($state; "epochs"; null) } as $row
	| select($row.seed | IN($set.seeds | split(" ")[]))
	| ([check($row; $scores.model; $file)] | empty),
	  ($scores | keys_unsorted - ["tune", "clean", "model"])[] as $trigger
	| $row + { trigger: $trigger, tune: share($scores.tune; "acc1"), ca: share($scores.clean; "acc1"),
	    asr: share($scores[$trigger]; "asr"), tacc: share($scores[$trigger]; "acc1") })
