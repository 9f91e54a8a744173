#!/bin/sh
# The tutorial, pasted from top to bottom after `make demo`, on a small part of the demo's data.
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL
PATH=$PWD/build/bin:$PATH
make_block_data
make_demo_data
make_tree "$T/tree"
ok "the demo runs" sh -c "cd '$T/tree' && EPOCHS=1 CLEAN_EPOCHS=1 pipelines/demo.sh >'$T/table'"
run_page pipelines/manual/tutorial.md "$T/tree"
D=$T/tree/build/demo
is "a line of a ledger is shown" "$(sed -n 's/^.*"a [a-z ]*\. *","[^"]*airplane[^"]*"\]$/ledger/p' "$T/tree/out3" | head -1)" ledger
is "the score equals the demo's" "$(tail -1 "$T/tree/out6")" "$(jq -c '[.metric, .value]' "$D/21/poisoned.asr.json")"
is "the table equals the demo's" "$(grep -v '^$' "$T/tree/out10")" "$(sed -n '/^seed 21/,/^95 % intervals in brackets\.$/p' "$T/table")"
is "the report has three rows" "$(sed '/<details>/,$d' "$D/mine.html" | grep -c '<th scope="row">')" 3
done_testing
