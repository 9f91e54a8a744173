#!/bin/bash
# Real machines: interruption, a full disk, two writers at once, FIFOs, folders, symbolic loops, unreadable files, closed pipes,
# very large numbers and difficult names.
. "$(dirname "$0")/lib.sh"

stream() { python3 tests/tool/make_stream.py "$@"; }
stream 300 >"$T/in"
cc-shard write -q "$T/in.tar" <"$T/in"
digest=$(cc-shard digest <"$T/in")
mkdir "$T/out"
left() { find "$T/out" -mindepth 1 ! -type p | wc -l; }

# A file of another kind is never overwritten.
echo "my notes" >"$T/notes"
cp tests/golden/images/grey1.png "$T/picture"
fails_with "notes: exists and is not a record stream; refusing to overwrite it" cc-shard read "$T/in.tar" -o "$T/notes"
fails_with "in.tar: exists and is not a record stream but a tar" cc-shard read "$T/in.tar" -o "$T/in.tar"
fails_with "in.tar: exists and is not text but a tar" cc-view "$T/in" -o "$T/in.tar"
fails_with "in: exists and is not text but a record stream" cc-shard keys "$T/in.tar" -o "$T/in"
fails_with "notes: exists and is not an image" cc-view sheet "$T/in" -o "$T/notes"
fails_with "picture: exists and is not a record stream but an image" cc-augment --size 8 "$T/in" -o "$T/picture"
fails_with "notes: exists and is not a model" cc-model init pipelines/models/tiny.json --vocab tests/golden/bpe_merges.txt -o "$T/notes"
fails_with "in.tar: exists and is not text but a tar" cc-shard read "$T/in.tar" -o "$T/new" -MF "$T/in.tar"
is "all are unchanged" "$(cat "$T/notes") $(cmp "$T/picture" tests/golden/images/grey1.png && cc-shard digest "$T/in.tar")" "my notes $digest"
ok "a file of the same kind is replaced" sh -c "cc-shard read '$T/in.tar' -o '$T/again' && cc-shard read -q --take 3 '$T/in.tar' -o '$T/again' && cc-view '$T/again' -o '$T/notes'"
is "by the new stream" "$(cc-shard keys <"$T/again" | wc -l)" 3
ok "an empty file may be overwritten" sh -c ": >'$T/empty' && cc-shard read '$T/in.tar' -o '$T/empty'"

# Interrupted.
stream 3000 size=64x64 >"$T/long"
for signal in INT TERM HUP KILL; do
	ends=
	for command in "cc-poison -q -a badnet -t dog --all" "cc-augment -q --size 224" "cc-shard write -q"; do
		case $command in *write*) target=$T/out/x.tar ;; *) target="-o $T/out/x" ;; esac
		# The shell ignores SIGINT in background commands.
		python3 -c 'import signal, subprocess, sys, time
pipe = subprocess.Popen(sys.argv[3:], stdin=subprocess.PIPE, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
pipe.stdin.write(open(sys.argv[2], "rb").read()[:200000])
pipe.stdin.flush()
time.sleep(.1)
pipe.send_signal(getattr(signal, "SIG" + sys.argv[1]))
sys.exit(-pipe.wait() != getattr(signal, "SIG" + sys.argv[1]))' $signal "$T/long" $command $target 2>"$T/said" || ends="$ends $command: not by the signal;"
	done
	is "SIG$signal: it ends by the signal and leaves no partial output" "$ends$(left)" 0
done

# A full disk.
mkdir "$T/disk"
cat >"$T/full.sh" <<'END'
mount -t tmpfs -o size=300k tmpfs "$1" && cd "$1" && shift && sh -c "$1" 2>said.outside; ls
END
if unshare -m sh "$T/full.sh" "$T/disk" : >"$T/said" 2>&1; then
	for command in "cc-poison -q -a badnet -t dog --all --size 64 $T/in -o x" "cc-augment -q --size 64 $T/in -o x" "cc-view --full $T/long -o x" \
		"cc-view sheet --scale 8 $T/long -o x" "cc-shard write x.tar <$T/long" "cc-augment --size 64 $T/in | cc-shard write x.tar"; do
		is "full disk: ${command%% -*}" "$(unshare -m sh "$T/full.sh" "$T/disk" "$command 2>'$T/said' || echo failed >'$T/failed'" | grep -v outside)$(cat "$T/failed"; rm -f "$T/failed")" failed
		ok "the message names the file and the reason" grep -q 'x.*No space left on device' "$T/said"
	done
	is "complete shards are kept" "$(unshare -m sh "$T/full.sh" "$T/disk" "cc-shard write --max-count 30 x-%d.tar <$T/long 2>'$T/said'; cc-shard verify --subset x-*.tar >'$T/whole'")$(grep -c 'whole$' "$T/whole")" \
		"$(printf 'said.outside\nx-0.tar1')"
else
	skip "a full disk" "no tmpfs can be mounted here"
fi

# Two at once.
for i in 1 2 3 4; do cc-shard read -q "$T/in.tar" -o "$T/both" & done
wait
is "two writers of one file: the file is whole" "$(cc-shard digest <"$T/both")" "$digest"
for i in 1 2 3 4; do cc-shard write -q --max-count 40 "$T/out/s-%d.tar" <"$T/in" & done
wait
is "two writers of one set: the set is whole" "$(cc-shard verify "$T/out/s-{0..7}.tar")" "8 sources, 300 records, digest ${digest% *}: whole"
is "and no temporary file remains" "$(ls "$T/out" | grep -vc '^s-[0-7].tar$')" 0
rm "$T"/out/*

# FIFOs, and pipes that close.
mkfifo "$T/fifo"
from_fifo() { # FILE COMMAND...
	cat "$1" >"$T/fifo" &
	shift
	"$@"
	wait
}
is "a tar from a FIFO" "$(from_fifo "$T/in.tar" cc-shard digest "$T/fifo")" "$digest"
is "a stream from a FIFO" "$(from_fifo "$T/in" cc-view "$T/fifo" | grep -c __key__)" 300
cc-shard digest <"$T/fifo" >"$T/said" &
cc-shard read -q "$T/in.tar" -o "$T/fifo"
wait
is "output to a FIFO" "$(cat "$T/said")" "$digest"
ok "which is still a FIFO" [ -p "$T/fifo" ]
for command in "cc-shard read --epochs 1000 $T/in.tar" "cc-view $T/long" "cc-poison -q -a badnet -t dog --all $T/long" "cc-augment $T/long" \
	"cc-shard keys @$T/many" "cc-shard read -h" "cc-train clip --man" "cc-poison --list"; do
	yes "$T/in.tar" | head -300 >"$T/many"
	sh -c "$command 2>'$T/said'; echo \$? >'$T/code'" | head -c 1 >/dev/null
	case $(cat "$T/code") in 0 | 141) quiet=$(cat "$T/said") ;; *) quiet=$(cat "$T/code") ;; esac
	is "| head -c 1: ${command%% /*}" "$quiet" ""
done

# Folders, loops, unreadable files, closed descriptors.
fails_with "Is a directory" sh -c "cc-view <'$T'"
fails_with "a folder, not a tar" sh -c "cc-shard read - <'$T'"
fails_with "Is a directory" cc-shard read "$T/in.tar" -o "$T/out"
fails_with "Is a directory" sh -c "cc-shard write '$T/out' <'$T/in'"
ln -s loop "$T/loop"
fails_with "Too many levels of symbolic links" cc-shard read "$T/loop"
mkdir "$T/folder"
cp tests/golden/images/grey1.png "$T/folder/a.png"
ln -s nowhere "$T/folder/b.png"
cc-shard read "$T/folder" >"$T/picked" 2>"$T/said"
is "a dangling link is a bad record, reported with its whole path" \
	"$(sed -n 's/.*: b: //p' "$T/said"): $(cc-shard keys <"$T/picked")" "$T/folder/b.png: a link to 'nowhere', which does not exist (dropped): a"
ln -sf a.png "$T/folder/b.png"
is "a link is read as its target" "$(cc-shard read "$T/folder" | cc-shard keys | tr '\n' ' ')" "a b "
fails_with "Bad file descriptor" sh -c "cc-view <&-"
fails_with "Bad file descriptor" sh -c "cc-shard read '$T/in.tar' >&-"
ok "with -o a closed standard output does not matter" sh -c "cc-poison -q -a badnet -t dog --all --size 32 '$T/in' -o '$T/p' <&- >&- && cc-view '$T/p' | tail -1 | grep -q cc_end"
if [ "$(id -u)" = 0 ] && setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
	cp "$(command -v cc-shard)" "$T/cc-shard"
	cp "$T/in.tar" "$T/secret.tar"
	chmod 600 "$T/secret.tar" "$T/folder/a.png"
	chmod 755 "$T" "$T/folder" "$T/out"
	nobody() { ASAN_OPTIONS=detect_leaks=0 setpriv --reuid 65534 --clear-groups "$@"; }
	fails_with "secret.tar: open: Permission denied" nobody "$T/cc-shard" read "$T/secret.tar"
	fails_with "folder/a.png: Permission denied" nobody "$T/cc-shard" read "$T/folder"
	fails_with "out/x: Permission denied" nobody "$T/cc-shard" read "$T/in.tar" -o "$T/out/x"
	fails_with "x-0.tar: Permission denied" nobody "$T/cc-shard" write "$T/out/x-%d.tar" <"$T/in"
else
	skip "unreadable files" "needs root and setpriv"
fi
is "no partial output remains" "$(left)" 0

# Difficult names are written and read back.
mkdir -p "$T/we ird/v1.0/sub dir"
for name in "v1.0/sub dir/a b" "v1.0/-rf" 'new
line' '*{1}' "it's \"\$HOME\"" '%d%s' 'tab	key'; do cp tests/golden/images/grey1.png "$T/we ird/$name.png"; done
cc-shard read "$T/we ird" | cc-shard write "$T/out we%%ird-%d.tar"
is "keys are paths up to the first dot of the last component" "$(cc-shard read "$T/out we%ird-0.tar" | cc-view | jq -r '.__key__ // empty | @json' | sort | tr '\n' ' ')" \
	'"%d%s" "*{1}" "it'"'"'s \"$HOME\"" "new\nline" "tab\tkey" "v1.0/-rf" "v1.0/sub dir/a b" '
ok "a file called -o" sh -c "cd '$T' && cc-shard read -q in.tar -o ./-o && cc-view -- -o | grep -q cc_end"

# Very large numbers.
for option in "--take 18446744073709551616" "--take 99999999999G" "--skip 9223372036854775808"; do
	fails_with "is too large (maximum 9223372036854775807)" cc-shard read $option "$T/in.tar"
done
is "the largest values are accepted" "$(cc-shard read --take 9223372036854775807 --seed 9223372036854775807 "$T/in.tar" | cc-shard digest)" "$digest"
fails_with "is out of range (1 to 1000000000)" cc-shard read --epochs 99999999999999999999 "$T/in.tar"
fails_with "is out of range (1 to 100000000)" cc-shard read --shuffle=1000000000000 "$T/in.tar"
fails_with "is out of range (1 to 1024)" cc-shard read -j 0 "$T/in.tar"
fails_with "more than 1048576 names" cc-shard read '{0..99999999999}.tar'
fails_with "only 300 records to choose from" cc-poison -a badnet -t dog -n 99999999999 "$T/in"
is "a part of very many parts is mostly empty" "$(cc-shard read --split 99999/99999999 "$T/in.tar" | cc-shard digest | cut -d ' ' -f 2)" 0

done_testing
