#!/bin/sh
# The how-to pages of the manual, each pasted from top to bottom in its own source tree, on a small part of the demo's data.
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL
PATH=$PWD/build/bin:$PATH
make_block_data
make_demo_data

make_tree "$T/first"
ok "setup.sh" sh -c "cd '$T/first' && pipelines/manual/setup.sh build/manual"
is "makes the files it lists" "$(ls "$T/first/build/manual" | grep -v bad.jsonl)" "$(pipelines/manual/setup.sh -h |
	awk -F '   +' '/^\t/ { gsub("\t", "", $1); gsub(" ", "\n", $1); print $1 }' | sort)"

for page in own-data mix-and-split clean-a-checkpoint poison-and-measure train several-machines make-graphs verify-and-repair own-stage; do
	if [ $page = own-stage ]; then # it changes and builds its sources
		mkdir -p "$T/$page/build/demo"
		cp -a Makefile libcommon formats tools pipelines "$T/$page"
		for part in obj bin libcc.a flags sources; do
			[ ! -e "build/$part" ] || cp -a "build/$part" "$T/$page/build"
		done
	else
		make_tree "$T/$page"
	fi
	cp -R "$T/first/build/manual" "$T/$page/build"
	run_page "pipelines/manual/$page.md" "$T/$page"
done
is "every page is run" "$(grep -l '^```sh$' pipelines/manual/*.md | wc -l)" 10

M=build/manual
O=$T/own-stage
ok "the added attack is listed" sh -c "grep -q ^checker: $O/out?"
ok "and is on a contact sheet" grep -q PNG "$O/$M/checker.png"
is "jq removed the cats" "$(cc-shard read "$O/$M/no-cats.tar" | cc-view | jq -c 'select(.cls) | .cls' | sort -u | tr '\n' ' ')" "0 1 2 4 5 6 7 8 9 "
is "and poisoned the trucks" "$(cc-shard read "$O/$M/trucks.tar" | cc-view | jq -r 'select(."poison.json") | .cls' | sort -u)" 9
is "a subset by keys" "$(cc-shard keys "$O/$M/only-trucks.tar" | sort | cksum)" "$(sort "$O/$M/trucks.keys" | cksum)"
cc-shard read "$O/$M/long.tar" | cc-view >"$T/long.jsonl"
is "the Python stage drops records and reports them" "$(jq -c 'select(.__key__).txt | select(length < 24)' "$T/long.jsonl" | wc -l) \
$(head -1 "$T/long.jsonl" | jq -c '[(.prog | map(.name) | contains(["long.py"])), .records < 700]')" '0 [true,true]'
S=$T/several-machines/$M
is "the parts of three nodes equal the whole" "$(cc-shard digest "$S/small")" \
	"$(cd "$S" && cc-shard read --seed 1 train.tar | cc-augment --seed 1 --size 32 --image autoaugment --text eda | cc-shard digest)"
ok "make wrote the report" [ -s "$T/make-graphs/$M/runs/report.html" ]
is "the complete part of a truncated shard was saved" "$(($(cc-shard read "$T/verify-and-repair/$M/rest.tar" | cc-view | grep -c __key__) > 20))" 1
P=$T/poison-and-measure/$M
ok "a curve as a single SVG" grep -q '<svg' "$P/loss.svg"
is "both scores of a model are in one row" "$(sed '/<details>/,$d' "$P/report.html" | grep -c '<th scope="row">')" 1
done_testing
