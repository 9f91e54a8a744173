#!/bin/sh
# Runs the demo with several seeds.  Its scores, packed by paper/scores.sh, and their table go into pipelines/results/demo, to be committed.
#   SEEDS="21 22 23" OUT=build/seeds
set -eu
. "$(dirname "$0")/common.sh"
usage 0 "$@"
cd "$(dirname "$0")/.."
: "${SEEDS:=21 22 23}" "${OUT:=build/seeds}" "${RESULTS:=pipelines/results/demo}"
SEEDS=$SEEDS OUT=$OUT pipelines/demo.sh >"$OUT.table" || {
	cat "$OUT.table"
	exit 1
}
kept=$(mktemp -d)
trap 'rm -rf "$kept"' EXIT
for seed in $SEEDS; do
	mkdir "$kept/$seed"
	cp "$OUT/$seed"/*.json "$kept/$seed"
done
pipelines/paper/scores.sh pack "$RESULTS/scores.jsonl" "$kept"
sed '/^Look at/,$d' "$OUT.table" >"$RESULTS/table.txt"
for seed in $SEEDS; do
	echo
	pipelines/table.sh "$OUT" "$seed"
done >>"$RESULTS/table.txt"
cat "$RESULTS/table.txt"
