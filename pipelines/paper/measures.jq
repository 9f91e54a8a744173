# jq -rs -L . --arg ablated ATTACK: of all { attack, state, distance, uniformity, retrieval, probe } the table of embeddings, as TSV.
include "cells";
def score: .interval as [$low, $high] | .value | bracketed($low; $high);
def recalls($which): .metrics | .["\($which)_retrieval_recall@\("1", "5", "10")"] | digits;
select(length > 0)
| ["attack", "state", "rate", "distance d", "uniformity", "alignment", "linear probe", "caption to image R@1", "R@5", "R@10",
	"image to caption R@1", "R@5", "R@10"],
  (.[] | (.state | split("_")) as [$method, $_, $lr]
	| if .attack == "none" then ["none, asked with \($ablated)", "trained on clean pairs"] else [.attack, ($method | method_title)] end
	+ [$lr // "", (.distance | score), (.uniformity.metrics | (.uniformity, .alignment) | digits),
	(.probe | score), (.retrieval | recalls("image"), recalls("text"))])
| @tsv
