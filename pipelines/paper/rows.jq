# The scores of paper.mk (jq -n, all .jsonl files of a set) as one array of rows: what was done, and what came of it.
#   { attack, kind, n, pretrain, seed, state, method, lr, lambda2, clean,
#     tune: CA on held-out images, ca, asr, tacc: { value, low, high, n };  trigger: whose ASR that is }
def setting(name; $key; $default): (name | split("_")) as $w | ($w | index($key)) as $i | if $i then $w[$i + 1] else $default end;
def share($s; $m): { value: $s.metrics[$m], low: $s.intervals[$m][0], high: $s.intervals[$m][1], n: $s.n };

reduce inputs as $score ({}; .[input_filename][$score.on] = $score)
| to_entries
| map((.key | split("/")) as $path
	| ($path[-1] | sub("[.]jsonl$"; "")) as $state
	| .value as $scores
	| ($scores | keys_unsorted - ["tune", "clean"])[] as $trigger
	| { attack: $path[-3], kind: ($path[-3] | split("_")[0]), n: setting($path[-3]; "n"; null),
	    pretrain: setting($path[-3]; "pretrain"; null), seed: $path[-2], state: $state, method: ($state | split("_")[0]),
	    lr: setting($state; "lr"; null), lambda2: setting($state; "lambda2"; null), clean: setting($state; "clean"; null),
	    trigger: $trigger, tune: share($scores.tune; "acc1"), ca: share($scores.clean; "acc1"),
	    asr: share($scores[$trigger]; "asr"), tacc: share($scores[$trigger]; "acc1") })
