#!/bin/sh
# overview.sh BIN: prints the manual page cleanclip(7), which lists all programs and their verbs.
set -eu
. "$(dirname "$0")/common.sh"
usage 1 "$@"
bin=$1
cat <<'EOF'
.TH CLEANCLIP 7 "" "" "CleanCLIP"
.SH NAME
cleanclip \- CleanCLIP as Unix filters: poison, train, clean and measure CLIP models
.SH DESCRIPTION
Small programs that exchange record streams over pipes.  They plant backdoors in image-caption data, train CLIP models on it, remove
the backdoors by fine-tuning, and measure the result.
.SH PROGRAMS
EOF
for tool in "$bin"/cc-*; do
	name=$(basename "$tool")
	verbs=$("$tool" --complete '' | grep -v '^-' || true)
	for page in "$name" $(for verb in $verbs; do echo "$name-$verb"; done); do
		verb=${page#"$name"}
		summary=$("$tool" ${verb:+"${verb#-}"} -h | sed -n '1s/^[^:]*: //p')
		printf '.TP\n.BR %s (1)\n%s\n' "$page" "$summary"
	done
done
cat <<'EOF'
.SH EXAMPLE
.nf
cc\-shard read train.tar | cc\-poison \-a blended:pattern=1 \-\-size 32 \-n 400 \-t airplane | cc\-shard write poisoned.tar
.fi
.SH ENVIRONMENT
.TP
.B CC_JOBS
default number of threads of every program (\-j)
.TP
.B CC_WORDNET
folder of WordNet's database files, for text augmentation by synonyms (default: /usr/share/wordnet)
.SH FILES
.TP
.I share/cleanclip
the manual, model configurations, caption templates, and the experiments as makefiles
.SH SEE ALSO
.BR cleanclip-stream (7),
EOF
for tool in "$bin"/cc-*; do printf '.BR %s (1)%s\n' "$(basename "$tool")" "$([ "$tool" = "$(ls "$bin"/cc-* | tail -1)" ] || echo ,)"; done
