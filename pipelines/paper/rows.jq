# jq -n -L . --argjson set {..} --slurpfile runs RUNS -f rows.jq scores.jsonl: the scores of a data set as an array of rows,
#	{ run, seed, attack, poisons, pretrain, method, lr, lambda2, clean, epochs, trigger, tune, ca, asr, tacc }
# The first ten are a run's settings (see runs.jq).  trigger: the attack whose ASR this is.  tune: clean accuracy on held-out images;
# ca, asr, tacc: on test images; each { value, low, high, n }.
#
# RUNS: the runs of experiments.tsv by the current settings.  $set: make variables; only seeds in $set.seeds give rows.  A result whose
# recorded settings or whose model's provenance contradict the current settings is an error: tables would mislabel it.
include "scores";
def share($score; $metric): { value: $score.metrics[$metric], low: $score.intervals[$metric][0], high: $score.intervals[$metric][1], n: $score.n };
def number: if test("^[0-9.]+(e[-+]?[0-9]+)?$") then tonumber else . end;

# The value of an option of the last such program in a pipe
def option($chain; $program; $option): ($chain | map(select(.name | startswith($program))) | last // {} | .args // []) as $args
	| ($args | index($option)) as $i | if $i then $args[$i + 1] else null end;
def provenance($method): (.prog // []) as $chain
	| { epochs: (option($chain; "cc-shard read"; "--epochs") // "1") } + if $method == "poisoned" then { poisons: option($chain; "cc-poison"; "--count") }
	  else { lr: option($chain; "cc-train"; "--lr"), lambda2: option($chain; "cc-train"; "--lambda2") } end
	| map_values(select(. != null));
def check($run; $made): $made | to_entries[] | select(.key | in($run)) | select((.value | number) != ($run[.key] | number))
	| error("\($run.run): made with \(.key) \(.value | number), but the settings are \(.key) \($run[.key] | number): restore the settings, or remove this result from scores.jsonl");

read_scores(inputs) as $all
| by_run($runs[]) as $wanted | by_run($all.results[] | select(.method)) as $recorded
| [$all.results | map(select(.on)) | group_by(.result)[]
	| (map({ key: .on, value: . }) | from_entries) as $scores | .[0].result as $name
	| ({ run: $name } + ($wanted[$name] // $recorded[$name]
		// error("\($name): its settings are neither recorded nor in experiments.tsv: remove this result from scores.jsonl"))) as $run
	| select($run.seed | IN($set.seeds | split(" ")[]))
	| ([check($run; $recorded[$name] // {}, ($scores.model | select(. != null) | restored($all) | provenance($run.method)))] | empty),
	  ($scores | keys_unsorted - ["tune", "clean", "model"])[] as $trigger
	| $run + { $trigger, tune: share($scores.tune; "acc1"), ca: share($scores.clean; "acc1"), asr: share($scores[$trigger]; "asr"), tacc: share($scores[$trigger]; "acc1") }]
