#!/bin/sh
# table.sh OUT SEEDS: prints the scores of pipelines/cleanclip.mk as a table with one row per model.
# One seed: the share and its 95 % interval (Wilson).  Several seeds: the mean with the lowest and highest.
set -eu
. "$(dirname "$0")/common.sh"
usage 2 "$@"
out=$1
seeds=$2

# STATE FILE METRIC -> "  .755 (.743-.767)"
cell() {
	state=$1 kind=$2 metric=$3
	set --
	for seed in $seeds; do set -- "$@" "$out/$seed/$state.$kind.json"; done
	jq -rs --arg metric "$metric" '
		map({ value: .metrics[$metric], low: .intervals[$metric][0], high: .intervals[$metric][1] })
		| if length == 1 then .[0]
		  else { value: (map(.value) | add / length), low: (map(.value) | min), high: (map(.value) | max) } end
		| [.value, .low, .high] | @tsv' -- "$@" |
		awk '{ printf "%.3f (%.3f-%.3f)", $1, $2, $3 }'
}

row() {
	printf '%-28s %21s %21s %21s\n' "$1" "$(cell "$2" clean acc1)" "$(cell "$2" asr asr)" "$(cell "$2" asr acc1)"
}

printf '%-28s %21s %21s %21s\n' "seed $seeds" 'clean accuracy' 'attack success rate' 'triggered accuracy'
row poisoned poisoned
row 'cross-modal, matched' crossmodal
row CleanCLIP cleanclip
row supervised supervised
# Control characters in the target's name must not reach the terminal.
jq -r --argjson clean "$(jq .n "$out/${seeds%% *}/poisoned.clean.json")" '"Clean accuracy is on \($clean) test images. The other columns are on those of other classes, with the trigger; the target is \(
	.target // .settings.target | tojson | gsub("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]"; "?"))."' "$out/${seeds%% *}/poisoned.asr.json"
case $seeds in
*' '*) echo 'Mean over seeds, with the lowest and highest in brackets.' ;;
*) echo '95 % intervals in brackets.' ;;
esac
