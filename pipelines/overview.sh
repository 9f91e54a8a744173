#!/bin/sh
# overview.sh BIN: prints the manual page cleanclip(7), which lists all programs and verbs.
set -eu
. "$(dirname "$0")/common.sh"
usage 1 "$@"
bin=$1
pages=
for tool in "$bin"/cc-*; do
	name=$(basename "$tool")
	pages="$pages $name"
	for verb in $("$tool" --complete '' | grep -v '^-' || true); do
		pages="$pages $name-$verb"
	done
done
"$bin/cc-shard" --man | sed -n '1s/"CC.*SHARD" 1/CLEANCLIP 7/p'
cat <<'EOP'
.SH NAME
cleanclip \- poison, train, clean and measure CLIP models with Unix filters
.SH DESCRIPTION
A set of programs that exchange record streams over pipes.
They plant backdoors in image\-caption data, train CLIP models on it, remove the
backdoors by fine\-tuning, and measure the result.
.PP
Every program prints its help with
.B \-h
and its manual page with
.BR \-\-man .
Programs with verbs also print the help of one with
.B help
.IR VERB .
.SH PROGRAMS
EOP
for page in $pages; do
	tool=$(echo "$page" | cut -d - -f 1,2)
	verb=${page#"$tool"}
	summary=$("$bin/$tool" ${verb:+"${verb#-}"} -h | sed -n '1s/^[^:]*: //p')
	printf '.TP\n.BR %s (1)\n%s\n' "$(echo "$page" | sed 's/-/\\-/g')" "$(echo "$summary" | sed 's/-/\\-/g')"
done
cat <<'EOP'
.SH EXAMPLE
.nf
cc\-shard read train.tar | cc\-poison \-a blended:pattern=1 \-\-size 32 \-n 400 \-t airplane |
    cc\-shard write poisoned.tar
.fi
.SH EXIT STATUS
.TP
0
success
.TP
1
failure; a message on standard error names the place and the reason
.TP
2
wrong usage
.SH ENVIRONMENT
.TP
.B CC_JOBS
Number of threads of every program, unless
.B \-\-jobs
is given.
.TP
.B CC_WORDNET
Folder of WordNet's database, for
.B cc\-augment \-\-text
eda, unless
.B \-\-wordnet
is given.
.SH FILES
.TP
.I share/cleanclip/manual
the manual
.TP
.I share/cleanclip/models
configurations of published models
.TP
.I share/cleanclip/*.mk
experiments as make graphs
.TP
.I /usr/share/wordnet
WordNet's database
.SH SEE ALSO
EOP
for page in $pages; do
	printf '.BR %s (1),\n' "$(echo "$page" | sed 's/-/\\-/g')"
done | sed '$s/,$//'
