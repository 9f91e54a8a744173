# jq -rs -L .: of all scores of triggers { attack, after } a table, as TSV: of each trigger, what is seen of it and what stays.
include "cells";
def decibels: . * 10 | round / 10 | tostring;
def definition: (.prog | map(select(.name == "cc-poison"))[0].args) as $args | $args[($args | index("--attack")) + 1];
# Of a trigger that is another one on each image the mean over images is next to nothing, and what is left of it cannot be told.
def kept: if .nothing.signal < .nothing.residual / 3 then "-" else .jpeg.kept | digits end;
select(length > 0)
| ["trigger", "as", "PSNR, dB", "SSIM", "difference, grey levels", "left of its mean after JPEG 75", "after a resize to 3/4", "after a crop"],
  (group_by(.attack)[] | map({ key: .after, value: .metrics }) as $lines | ($lines | from_entries) as $after
	| [.[0].attack, (.[0] | definition), ($after.nothing.psnr | decibels), ($after.nothing.ssim | digits), ($after.nothing.residual | decibels),
		($after | kept), ($after.resize, $after.crop | .residual / $after.nothing.residual | digits)])
| @tsv
