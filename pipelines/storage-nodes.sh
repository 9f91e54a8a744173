#!/bin/sh
# Preprocesses shards on the machines that store them: `storage-nodes.sh -h`.
set -eu
: "${OUT:=}" "${PARTS:=}" "${NODES:=:}" "${NODES_FILE:=}" "${JOBS:=1}" "${RETRIES:=1}" "${SEED:=0}" "${READ:=}" "${AUGMENT:=}" "${STAGE:=}"
part='' quick=no dry=no

help() {
	cat <<'END'
storage-nodes.sh [OPTION]... SOURCE...  preprocess shards in parts on several machines, with GNU parallel

  cc-shard read --split I/N SOURCE... | cc-augment | cc-shard write FOLDER/part-I-of-N.tar

runs for each I on whichever node is free. A part appears only when it is complete, and existing parts are not made again, so the
same command continues after a node failed. At the end the parts are verified, and compared with the sources: all records
must have been read.

  -o FOLDER   output folder, the same path on every node                                           OUT
  -n N        number of parts (default: number of nodes); with at least N sources, each part       PARTS
              reads every N-th source
  -S LOGIN,.. nodes, as for parallel --sshlogin; : is this machine (default)                       NODES
  -F FILE     file with one node per line, as for parallel --sshloginfile                          NODES_FILE
  -j JOBS     parts at a time on each node (default 1: the programs use all processors)            JOBS
  -R N        attempts per part, on other nodes if there are any (default 1)                       RETRIES
  -s SEED     seed of every stage (default 0)                                                      SEED
  -r ARGS     options of cc-shard read, quoted for a shell: "--where 'txt~photo'"                  READ
  -a ARGS     options of cc-augment, such as '--size 224'                                          AUGMENT
  -p PIPE     commands to run between read and write instead of cc-augment                         STAGE
  -i I        make only part I, on this machine, as a task of a Slurm array (storage-nodes.slurm)
  -Q          verify only names, counts and sums; do not read the sources again
  -d          print the commands and run nothing

The third column lists equivalent environment variables. Sources are read on the nodes: use paths that are the same on all nodes, or
'pipe:ssh store cat a.tar'. The programs must be in the same folder on all nodes; BIN=FOLDER names another one.
FOLDER/joblog records where each part ran, for how long, and its exit status. FOLDER/recipe is the command that makes the parts.

  storage-nodes.sh -o small -n 16 -S node1,node2,node3 -a '--size 224' '/data/crawl-{0000..0127}.tar'
END
}

die() { # CODE TEXT
	printf 'storage-nodes.sh: %s\n' "$2" >&2
	exit "$1"
}

# Quotes words for a shell, here or on a node.
quote() {
	for word; do
		printf "'%s' " "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")"
	done
}

while getopts ho:n:S:F:j:R:s:r:a:p:i:Qd option; do
	case $option in
	h) help; exit 0 ;;
	o) OUT=$OPTARG ;;
	n) PARTS=$OPTARG ;;
	S) NODES=$OPTARG ;;
	F) NODES_FILE=$OPTARG ;;
	j) JOBS=$OPTARG ;;
	R) RETRIES=$OPTARG ;;
	s) SEED=$OPTARG ;;
	r) READ=$OPTARG ;;
	a) AUGMENT=$OPTARG ;;
	p) STAGE=$OPTARG ;;
	i) part=$OPTARG ;;
	Q) quick=yes ;;
	d) dry=yes ;;
	*) die 2 "for help: storage-nodes.sh -h" ;;
	esac
done
shift $((OPTIND - 1))

if [ -z "$PARTS" ]; then
	[ -z "$part" ] || die 2 "-i $part needs the number of parts: -n N (for Slurm, an array from 0 without gaps)"
	PARTS=$(if [ -n "$NODES_FILE" ]; then grep -cv '^[[:space:]]*\(#\|$\)' <"$NODES_FILE"; else printf '%s\n' "$NODES" | tr , '\n' | grep -c .; fi) || true
fi
# parallel reads one command per line.
for word in "$PWD" "${BIN:-}" "$OUT" "$READ" "$AUGMENT" "$STAGE" "$@"; do
	case $word in *'
'*) die 2 "line break in '$word': folders, sources and options must be one line each" ;; esac
done
number() { # OPTION VALUE LEAST
	case $2 in '' | *[!0-9]*) die 2 "$1 '$2': expected a whole number" ;; esac
	[ "$2" -ge "$3" ] || die 2 "$1 $2: must be at least $3"
}
number -n "$PARTS" 1
[ "$PARTS" -le 99999 ] || die 2 "-n $PARTS: must be at most 99999"
number -j "$JOBS" 1
number -R "$RETRIES" 1
number -s "$SEED" 0
case " $READ" in *' --take'* | *' --skip'* | *' --split'* | *' --epochs'*)
	die 2 "-r '$READ': --take, --skip, --split and --epochs would apply to each part separately" ;;
esac
[ $# -gt 0 ] || die 2 "no SOURCE given; for help: storage-nodes.sh -h"
[ -n "$OUT" ] || die 2 "no output folder given: -o FOLDER"
case $OUT in *[{}]*) die 2 "-o '$OUT': braces are expanded in names of sources; choose a folder without them" ;; esac
[ -z "$part" ] || { number -i "$part" 0 && [ "$part" -lt "$PARTS" ]; } || die 2 "-i $part: parts are 0 to $((PARTS - 1))"

case $OUT in /*) ;; *) OUT=$PWD/$OUT ;; esac
[ -n "${BIN:-}" ] || BIN=$(cd "$(dirname "$(command -v cc-shard || echo "$(dirname "$0")/../build/bin/cc-shard")")" 2>/dev/null && pwd) || true
PATH=$BIN:$PATH
[ "$dry" = yes ] || command -v cc-shard >/dev/null || die 1 "cc-shard not found: add its folder to PATH, or set BIN=FOLDER"

sources=$(quote "$@")
stage=${STAGE:-cc-augment --seed $SEED $AUGMENT}
name() { # I
	printf 'part-%05d-of-%05d.tar' "$1" "$PARTS"
}
union="$OUT/part-{$(printf %05d 0)..$(printf %05d $((PARTS - 1)))}-of-$(printf %05d "$PARTS").tar"

# The command for all parts; a node runs it for one.
recipe="cc-shard read --seed $SEED $READ --split I/$PARTS -- $sources| $stage | cc-shard write part-I-of-$PARTS.tar"
# If a stage fails, the stream has no tail and no part appears.  A node's login shell is assumed to be a Bourne shell.
# cc-shard write expands %, so a percent sign is doubled.
command_of() { # I
	printf '%s' "cd $(quote "$PWD")&& PATH=$(quote "$BIN" | sed 's/ $//'):\"\$PATH\" && export PATH && mkdir -p $(quote "$OUT")&& "
	printf '%s\n' "cc-shard read --seed $SEED $READ --split $1/$PARTS -- $sources| $stage | cc-shard write $(quote "$(printf %s "$OUT" | sed 's/%/%%/g')/$(name "$1")")"
}

missing() {
	i=0
	while [ "$i" -lt "$PARTS" ]; do
		[ -e "$OUT/$(name "$i")" ] || echo "$i"
		i=$((i + 1))
	done
}

commands() {
	missing | while read -r i; do command_of "$i"; done
}

# Refuses a folder with parts that another command made.
check_recipe() {
	mkdir -p "$OUT"
	if [ ! -e "$OUT/recipe" ]; then
		printf '%s\n' "$recipe" >"$OUT/recipe.$$"
		mv "$OUT/recipe.$$" "$OUT/recipe"
	fi
	[ "$(cat "$OUT/recipe")" = "$recipe" ] ||
		die 1 "$OUT: its parts were made by another command (see $OUT/recipe): use another folder, or remove this one"
}

if [ -n "$part" ]; then
	[ "$dry" = no ] || { command_of "$part"; exit 0; }
	check_recipe
	[ ! -e "$OUT/$(name "$part")" ] || exit 0
	command_of "$part" | sh
	exit
fi
[ "$dry" = no ] || { commands; exit 0; }

check_recipe
count=$(missing | grep -c . || true)
if [ "$count" -gt 0 ]; then
	command -v parallel >/dev/null || die 1 "GNU parallel not found; install it (apt install parallel)"
	echo "storage-nodes.sh: $count of $PARTS parts to make; log: $OUT/joblog" >&2
	log=$OUT/joblog
	[ ! -e "$log" ] || log=+$log
	set -- --jobs "$JOBS" --retries "$RETRIES" --joblog "$log"
	if [ -n "$NODES_FILE" ]; then set -- "$@" --sshloginfile "$NODES_FILE"; else set -- "$@" --sshlogin "$NODES"; fi
	# The commands are for a Bourne shell.  The user's shell may be another one, or, in a container or a daemon, none.
	commands | PARALLEL_SHELL=/bin/sh parallel "$@" || die 1 "not all parts were made: their Exitval in $OUT/joblog is not 0, \
or they are not listed; run the same command again to make the missing ones"
	count=$(missing | grep -c . || true)
	[ "$count" = 0 ] || die 1 "$count parts are missing in $OUT although the nodes succeeded: is it the same folder on all of them?"
fi

rm -f "$OUT"/part-*"-of-$(printf %05d "$PARTS").tar.tmp"* # left by killed nodes on file systems without unnamed files

# The records that the nodes read must be those that are read here: no node had other sources.
if [ "$quick" = yes ]; then
	exec cc-shard verify --quick "$union"
fi
made_of=$(cc-shard digest -q --source "$union")
# Sources are quoted; options are interpreted by the shell, as on the nodes.
source_digest=$(eval "cc-shard read -q --seed $SEED $READ -- $sources" | cc-shard digest -q) || exit 1
[ "$made_of" = "${source_digest% *}" ] ||
	die 1 "the parts were made from other records than the sources have now: did the sources change, or differ between nodes?"
cc-shard verify "$union"
echo "made from all ${source_digest#* } records of the sources, read digest $made_of"
