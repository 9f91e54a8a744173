#!/bin/sh
# Failures of the operating system: threads that cannot be created, a missing /proc.
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

# Threads: those of the pool, the reader, and the one that waits for signals.
ok "enough threads can be created" train REFUSE_THREAD=4 -j 2
rm -f "$T/model"
fails_with "cannot start thread 3 of 3" train REFUSE_THREAD=2 -j 3
for number in 1 2; do
	fails_with "cc-train clip: cannot start a thread" train REFUSE_THREAD=$number -j 1
done
is "no file is left" "$(ls "$T" | grep model)" ""
fails_with "cannot start thread 2 of 3" refuse REFUSE_THREAD=2 cc-augment --size 12 -j 3 "$T/pairs"
train REFUSE_THREAD=9 >/dev/null 2>&1
fails_with "cannot start a thread" refuse REFUSE_THREAD=1 cc-embed -m "$T/model" --image -j 1 "$T/pairs"

# An unnamed file gets its name through /proc; without that it has a temporary name from the start.
mkdir "$T/out"
for round in 1 2; do
	ok "output without /proc, $round" refuse REFUSE_PROC=1 cc-augment --size 12 "$T/pairs" -o "$T/out/augmented"
done
is "the file is whole, and no other is left" "$(ls "$T/out") $(cc-shard digest <"$T/out/augmented" | cut -d' ' -f2)" "augmented 60"

# A symbolic link at a temporary name is not followed; a temporary file left by a killed run is removed by the next run.
echo precious >"$T/victim"
for name in out/model.tmp out/model.state.tmp out/model.tmp$$ out/model.state.tmp-0123456789abcdef; do ln -s ../victim "$T/$name"; done
echo left >"$T/out/model.state.tmp-fedcba9876543210"
echo "another's" >"$T/out/model.state.tmp-note"
ok "a link is not followed" refuse REFUSE_PROC=1 cc-train clip --init "$T/config.json" --vocab "$T/vocab.txt" --batch 4 --save-every 2 "$T/pairs" -o "$T/out/model"
is "its target is unchanged" "$(cat "$T/victim")" precious
is "a state left by a killed run is removed, and no other file" "$(ls "$T/out" | sort | tr '\n' ' ')" \
	"augmented model model.state.tmp model.state.tmp-0123456789abcdef model.state.tmp-note model.tmp model.tmp$$ "
cc-augment --size 12 "$T/pairs" >"$T/augmented"
rm "$T/out/augmented" && ln -s ../victim "$T/out/augmented.tmp"
refuse REFUSE_PROC=1 cc-augment --size 12 "$T/pairs" -o "$T/out/augmented" 2>"$T/said"
is "the same for another tool; no temporary file is left" "$(ls "$T/out" | grep -c 'augmented.tmp-')$(cat "$T/victim")" 0precious

# The file's name is on the disk only after the folder is synced.
fails_with "its folder: Input/output error" refuse REFUSE_FSYNC=1 cc-augment --size 12 "$T/pairs" -o "$T/out/flushed"

# An error when standard output is closed.
for command in "cc-shard keys <$T/pairs" "cc-augment -q --size 12 $T/pairs" "cc-view $T/pairs" "cc-view --provenance $T/model" "cc-model info $T/model" \
	"cc-model info --json $T/model" "cc-model config $T/model" "cc-shard -h" "cc-shard read -h" "cc-score --man" "cc-train clip --version" \
	"cc-poison --list" "cc-augment --list --json" "cc-train clip -q -m $T/model --batch 4 --steps 2 $T/pairs -o $T/new" "cc-shard --complete r"; do
	fails_with "standard output: No space left on device" refuse REFUSE_CLOSE=1 sh -c "trap '' PIPE; exec $command >$T/late"
done
done_testing
