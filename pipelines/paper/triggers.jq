# jq -rs -L .: of all scores of triggers { attack, after } a table, as TSV: of each trigger, what is seen of it and what stays.
include "cells";
def decibels: . * 10 | round / 10 | tostring;
select(length > 0)
| ["trigger", "PSNR, dB", "SSIM", "difference, grey levels", "after JPEG 75", "after a resize to 3/4", "after a crop"],
  (group_by(.attack)[] | map({ key: .after, value: .metrics }) as $lines | ($lines | from_entries) as $after
	| [.[0].attack, ($after.nothing.psnr | decibels), ($after.nothing.ssim | digits),
		($after | .nothing, .jpeg, .resize, .crop | .residual | decibels)])
| @tsv
