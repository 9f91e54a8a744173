#!/bin/sh
# pick.sh TOLERANCE BEFORE.held.json RATE.held.json...: the learning rate to clean with, by scores on held-out pairs.
#
# The highest rate whose score is at most TOLERANCE below the model's as it came.  The more a model is moved, the more of a backdoor
# goes; the best score alone would choose the lowest rate, which moves nothing.  Where every rate costs more, the one that costs least.
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
			print "every rate costs more than " tolerance ": " best " costs least and is taken; lower rates may do (LRS)" >"/dev/stderr"
		print chosen == "" ? best : chosen
	}'
