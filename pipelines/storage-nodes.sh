#!/bin/sh
# Preprocessing where the data lies: `storage-nodes.sh -h`.
set -eu
: "${OUT:=}" "${PARTS:=}" "${NODES:=:}" "${NODES_FILE:=}" "${JOBS:=1}" "${RETRIES:=1}" "${SEED:=0}" "${READ:=}" "${AUGMENT:=}" "${STAGE:=}"
part='' quick=no dry=no

help() {
	cat <<'END'
storage-nodes.sh [OPTION]... SOURCE...  preprocesses shards in parts, on several machines, by GNU parallel

  cc-shard read --split I/N SOURCE... | cc-augment | cc-shard write FOLDER/part-I-of-N.tar

on whatever node is free, for each I. A part is there whole or not at all; those that are there are not made again, so the same
command goes on where a node died. In the end the parts are verified, and that they were made of all that there was to read.

  -o FOLDER   where the parts go, the same path on every node                                      OUT
  -n N        parts (default: as many as nodes); N-th sources, where there are as many             PARTS
  -S LOGIN,.. nodes, as parallel --sshlogin takes them; : is this machine (default)                NODES
  -F FILE     nodes, one a line, as parallel --sshloginfile takes them                             NODES_FILE
  -j JOBS     parts at a time on each node (default 1: the programs use all processors)            JOBS
  -R N        how often a part is tried, on other nodes where there are any (default 1)            RETRIES
  -s SEED     of every stage (default 0)                                                           SEED
  -r ARGS     of cc-shard read, as a shell takes them: "--where 'txt~photo'"                       READ
  -a ARGS     of cc-augment, as in '--size 224'                                                    AUGMENT
  -p PIPE     what stands between read and write instead of cc-augment                             STAGE
  -i I        make part I alone, here: what a Slurm array job does (storage-nodes.slurm)
  -Q          in the end look at names, counts and sums alone, and do not read the sources again
  -d          show the commands and make nothing

The third column: environment variables that say the same. Sources are read on the nodes: paths that are the same there, or
'pipe:ssh store cat a.tar'. The programs must lie where they lie here, or BIN=FOLDER says where on the nodes.
FOLDER/joblog tells what ran where, how long and how it ended; FOLDER/recipe what the parts are made by.

  storage-nodes.sh -o small -n 16 -S node1,node2,node3 -a '--size 224' '/data/crawl-{0000..0127}.tar'
END
}

die() { # CODE TEXT
	printf 'storage-nodes.sh: %s\n' "$2" >&2
	exit "$1"
}

# For a shell, here or behind ssh.
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
	*) die 2 "-h tells how it is used" ;;
	esac
done
shift $((OPTIND - 1))

if [ -z "$PARTS" ]; then
	[ -z "$part" ] || die 2 "-i $part of how many? -n says it (for Slurm, an array from 0 without gaps)"
	PARTS=$(if [ -n "$NODES_FILE" ]; then grep -cv '^[[:space:]]*\(#\|$\)' <"$NODES_FILE"; else printf '%s\n' "$NODES" | tr , '\n' | grep -c .; fi) || true
fi
# A command is a line for parallel: a second line would be another command.
for word in "$PWD" "${BIN:-}" "$OUT" "$READ" "$AUGMENT" "$STAGE" "$@"; do
	case $word in *'
'*) die 2 "a line break in '$word': folders, sources and options are one line each" ;; esac
done
number() { # OPTION VALUE LEAST
	case $2 in '' | *[!0-9]*) die 2 "$1 '$2': a whole number is expected" ;; esac
	[ "$2" -ge "$3" ] || die 2 "$1 $2: at least $3"
}
number -n "$PARTS" 1
[ "$PARTS" -le 99999 ] || die 2 "-n $PARTS: at most 99999"
number -j "$JOBS" 1
number -R "$RETRIES" 1
number -s "$SEED" 0
case " $READ" in *' --take'* | *' --skip'* | *' --split'* | *' --epochs'*)
	die 2 "-r '$READ': what counts records would count those of each part" ;;
esac
[ $# -gt 0 ] || die 2 "no SOURCE is named; -h tells how it is used"
[ -n "$OUT" ] || die 2 "-o FOLDER: where do the parts go?"
case $OUT in *[{}]*) die 2 "-o '$OUT': braces in the name of a source stand for several: choose another folder" ;; esac
[ -z "$part" ] || { number -i "$part" 0 && [ "$part" -lt "$PARTS" ]; } || die 2 "-i $part: parts are 0 to $((PARTS - 1))"

case $OUT in /*) ;; *) OUT=$PWD/$OUT ;; esac
[ -n "${BIN:-}" ] || BIN=$(cd "$(dirname "$(command -v cc-shard || echo "$(dirname "$0")/../build/bin/cc-shard")")" 2>/dev/null && pwd) || true
PATH=$BIN:$PATH
[ "$dry" = yes ] || command -v cc-shard >/dev/null || die 1 "cc-shard is not found: put its folder into PATH, or name it by BIN=FOLDER"

sources=$(quote "$@")
stage=${STAGE:-cc-augment --seed $SEED $AUGMENT}
name() { # I
	printf 'part-%05d-of-%05d.tar' "$1" "$PARTS"
}
union="$OUT/part-{$(printf %05d 0)..$(printf %05d $((PARTS - 1)))}-of-$(printf %05d "$PARTS").tar"

# The whole work; of it a node does a part.
recipe="cc-shard read --seed $SEED $READ --split I/$PARTS -- $sources| $stage | cc-shard write part-I-of-$PARTS.tar"
# A stage that fails leaves the stream without a tail, and no part appears.  A node's login shell is taken for a Bourne shell.
# In what cc-shard write gets, a percent sign is two.
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

# Parts that another command left are not these parts.
check_recipe() {
	mkdir -p "$OUT"
	if [ ! -e "$OUT/recipe" ]; then
		printf '%s\n' "$recipe" >"$OUT/recipe.$$"
		mv "$OUT/recipe.$$" "$OUT/recipe"
	fi
	[ "$(cat "$OUT/recipe")" = "$recipe" ] ||
		die 1 "$OUT: its parts are made by another command, which $OUT/recipe tells: name another folder, or remove this one"
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
	command -v parallel >/dev/null || die 1 "GNU parallel is missing (apt install parallel): it runs the parts"
	echo "storage-nodes.sh: $count of $PARTS parts to make; $OUT/joblog tells of each" >&2
	log=$OUT/joblog
	[ ! -e "$log" ] || log=+$log
	set -- --jobs "$JOBS" --retries "$RETRIES" --joblog "$log"
	if [ -n "$NODES_FILE" ]; then set -- "$@" --sshloginfile "$NODES_FILE"; else set -- "$@" --sshlogin "$NODES"; fi
	# The commands are for a Bourne shell; the user's own may be another, or (in a container, a daemon) none.
	commands | PARALLEL_SHELL=/bin/sh parallel "$@" || die 1 "not all parts were made: Exitval in $OUT/joblog is not 0, \
or they are not in it; the same command makes those that are missing"
	count=$(missing | grep -c . || true)
	[ "$count" = 0 ] || die 1 "$count parts are not in $OUT, though the nodes say so: is it the same folder on all of them?"
fi

rm -f "$OUT"/part-*"-of-$(printf %05d "$PARTS").tar.tmp"* # of killed nodes, where the file system has only files with names

# What was given to the pipes on the nodes must be what is read in one: no node saw other sources.
if [ "$quick" = yes ]; then
	exec cc-shard verify --quick "$union"
fi
made_of=$(cc-shard digest -q --source "$union")
# Sources are quoted; the options are what a shell takes, as on the nodes.
there_is=$(eval "cc-shard read -q --seed $SEED $READ -- $sources" | cc-shard digest -q) || exit 1
[ "$made_of" = "${there_is% *}" ] ||
	die 1 "the parts were made of other records than the sources hold now: did they change, or differ from node to node?"
cc-shard verify "$union"
echo "made of all ${there_is#* } records of the sources: read digest $made_of"
