#!/bin/sh
# The manual's commands, as they stand there and in their order, beside a copy of this tree that they may change.
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL
mkdir -p "$T/cleanclip/build"
cp -a Makefile libcommon formats tools pipelines "$T/cleanclip"
for part in obj gen bin libcc.a; do
	[ ! -e "build/$part" ] || cp -a "build/$part" "$T/cleanclip/build"
done
PATH=$T/cleanclip/build/bin:$PATH
make_block_data
python3 tests/tool/make_crawl.py "$T/crawl" 3 40
cc-shard read -q "$T/train.tar" | cc-model vocab -q --size 600 -o "$T/vocab.txt"

run_blocks pipelines/MANUAL.md
ok "the own attack is in the list" grep -q checker "$(grep -l checker "$T"/out* | head -1)"
ok "and on a sheet" grep -q PNG "$T/checker.png"
done_testing
