#!/bin/sh
# pick.sh TOLERANCE BEFORE.held.json RATE.held.json...: prints the learning rate to clean with, chosen by scores on held-out pairs.
#
# It is the highest rate whose score is at most TOLERANCE below the original model's.  The further a model moves, the more of a backdoor
# is removed; the best score alone would choose the lowest rate, which moves nothing.  If every rate costs more than TOLERANCE, it is the
# rate that costs least.
set -eu
. "$(dirname "$0")/common.sh"
usage 3 "$@"
tolerance=$1
before=$2
shift 2
for file; do
	rate=${file##*/}
	printf '%s %s\n' "${rate%.held.json}" "$(jq .value <"$file")"
done | sort -g | before=$(jq .value <"$before") tolerance=$tolerance awk '
	BEGIN { before = ENVIRON["before"] + 0; tolerance = ENVIRON["tolerance"] }
	{ printf "lr %s: %.4f on held-out pairs, %.4f before\n", $1, $2, before >"/dev/stderr" }
	$2 >= before - tolerance { chosen = $1 }
	best == "" || $2 > score { best = $1; score = $2 }
	END {
		if (chosen == "")
			print "every rate costs more than " tolerance "; using " best ", which costs least; try lower rates (LRS)" >"/dev/stderr"
		print chosen == "" ? best : chosen
	}'
