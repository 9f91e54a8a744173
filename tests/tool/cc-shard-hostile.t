#!/bin/sh
# Archives that claim what they do not hold, or hold what they should not: an error that says where, and never more memory or time
# than what was read is worth.
. "$(dirname "$0")/lib.sh"

make() { python3 tests/tool/make_tar.py "$@"; }
sparse() { python3 tests/tool/make_tar.py --sparse "$@"; }

# Files with holes.
sparse "$T/long.tar" a.txt=10,1000000000000,hello
fails_with "long.tar: sample a: byte 0: more content than the 10 bytes that it claims" cc-shard read "$T/long.tar"
sparse "$T/none.tar" a.txt=0,5000,hello
fails_with "none.tar: sample a: byte 0: more content than the 0 bytes" cc-shard verify "$T/none.tar"
sparse "$T/huge.tar" a.bin=300000000,0,hello
fails_with "a record of more bytes than 268435456" cc-shard read --max-bad 0 "$T/huge.tar"
sparse "$T/holes.tar" a.txt=9,4,hello b.txt=8,2,abc c.txt=6,0,
printf '\0\0\0\0hello\0\0abc\0\0\0\0\0\0\0\0\0' >"$T/wanted"
cc-shard read "$T/holes.tar" | cc-view --jsonl --full | jq -j '.txt // empty' >"$T/got"
ok "holes are zeros, at the end too" cmp "$T/got" "$T/wanted"
cc-shard read "$T/holes.tar" | cat >"$T/piped"
ok "the same by index" sh -c "cc-shard read --regroup '$T/holes.tar' | cc-shard digest >'$T/a'; cc-shard digest <'$T/piped' >'$T/b'; cmp '$T/a' '$T/b'"

# A damaged pax header is not passed over: the name that was in it would be lost, and the sample with it.
make "$T/pax.tar" "$(printf '%0120d' 7).txt=x" "$(printf 'latin \351').txt=y"
ok "names of any bytes are taken" sh -c "cc-shard verify '$T/pax.tar'"
LC_ALL=C sed 's/ path=/ path-/' "$T/pax.tar" >"$T/flip.tar"
fails_with "flip.tar: byte 0: Invalid pax extended attributes" cc-shard verify "$T/flip.tar"

done_testing
