#!/bin/sh
# What the system refuses: threads, /proc.
. "$(dirname "$0")/lib.sh"

${CC:-cc} -shared -fPIC -o "$T/refuse.so" tests/tool/refuse.c -ldl 2>"$T/said" || skip_all "nothing can be put in front of the C library: $(head -1 "$T/said")"
refuse() { # NAME=VALUE COMMAND...
	timeout -s KILL 20 env ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0" LD_PRELOAD="$T/refuse.so" "$@"
}

python3 tests/tool/train_stream.py 60 aug >"$T/pairs"
write_tiny_config
train() { # NAME=VALUE OPTION...
	refused=$1
	shift
	refuse "$refused" cc-train clip --init "$T/config.json" --vocab "$T/vocab.txt" --batch 4 "$T/pairs" -o "$T/model" "$@"
}

# Threads: the pool's, one that reads and one that waits for signals.
ok "as many as there are" train REFUSE_THREAD=4 -j 2
rm -f "$T/model"
fails_with "cannot start thread 3 of 3" train REFUSE_THREAD=2 -j 3
for number in 1 2; do
	fails_with "cc-train clip: cannot start a thread" train REFUSE_THREAD=$number -j 1
done
is "and nothing is left" "$(ls "$T" | grep model)" ""
fails_with "cannot start thread 2 of 3" refuse REFUSE_THREAD=2 cc-augment --size 12 -j 3 "$T/pairs"
train REFUSE_THREAD=9 >/dev/null 2>&1
fails_with "cannot start a thread" refuse REFUSE_THREAD=1 cc-embed -m "$T/model" --image -j 1 "$T/pairs"

# A file without a name gets its own by way of /proc; without that it has a temporary one from the beginning.
mkdir "$T/out"
for round in 1 2; do
	ok "written without /proc, $round" refuse REFUSE_PROC=1 cc-augment --size 12 "$T/pairs" -o "$T/out/augmented"
done
is "whole, and nothing beside it" "$(ls "$T/out") $(cc-shard digest <"$T/out/augmented" | cut -d' ' -f2)" "augmented 60"
done_testing
