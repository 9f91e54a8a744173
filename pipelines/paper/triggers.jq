# jq -nr -L . -f triggers.jq scores.jsonl: a table of the triggers as TSV: how visible each is, and how much of it survives.
include "cells";
include "scores";
def decibels: . * 10 | round / 10 | tostring;
def definition: (.prog | map(select(.name == "cc-poison"))[0].args) as $args | $args[($args | index("--attack")) + 1];
# If each image has a different trigger, their mean over images is almost zero and cannot be followed.
def kept: if .nothing.signal < .nothing.residual / 3 then "-" else .jpeg.kept | digits end;
read_scores(inputs) as $all
| [$all.results[] | select(.trigger) | { attack: .trigger, after } + restored($all)]
| select(length > 0)
| ["trigger", "as", "PSNR, dB", "SSIM", "difference, grey levels", "left of its mean after JPEG 75", "after a resize to 3/4", "after a crop"],
  (group_by(.attack)[] | map({ key: .after, value: .metrics }) as $lines | ($lines | from_entries) as $after
	| [.[0].attack, (.[0] | definition), ($after.nothing.psnr | decibels), ($after.nothing.ssim | digits), ($after.nothing.residual | decibels),
		($after | kept), ($after.resize, $after.crop | .residual / $after.nothing.residual | digits)])
| @tsv
