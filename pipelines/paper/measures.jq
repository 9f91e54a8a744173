# jq -nr -L . --argjson set {..} --slurpfile runs RUNS -f measures.jq scores.jsonl: the table of embeddings as TSV, of the first seed's runs.
include "cells";
include "scores";
def score: .interval as [$low, $high] | .value | bracketed($low; $high);
def recalls($which): .metrics | .["\($which)_retrieval_recall@\("1", "5", "10")"] | digits;
read_scores(inputs) as $all
| by_run($runs[], ($all.results[] | select(.method))) as $runs
| [$all.results[] | select(.measure)] | group_by(.result)
| map($runs[.[0].result] + (map({ key: .measure, value: restored($all) }) | from_entries) | select(.seed == $set.once))
| select(length > 0)
| ["attack", "state", "rate", "distance d", "uniformity", "alignment", "linear probe", "caption to image R@1", "R@5", "R@10",
	"image to caption R@1", "R@5", "R@10"],
  ((["none"] + ($set.attacks | split(" ")))[] as $attack | .[] | select(.attack == $attack)
	| if $attack == "none" then ["none, tested with \($set.ablated)", "trained on clean pairs"] else [.attack, (.method | method_title)] end
	+ [if .method == "poisoned" then "" else .lr end, (.distance | score), (.uniformity.metrics | (.uniformity, .alignment) | digits),
	(.probe | score), (.retrieval | recalls("image"), recalls("text"))])
| @tsv
