#!/bin/sh
# overview.sh BIN: the manual page cleanclip(7), which names all programs and their verbs.
set -eu
. "$(dirname "$0")/common.sh"
usage 1 "$@"
bin=$1
cat <<'EOF'
.TH CLEANCLIP 7 "" "" "CleanCLIP"
.SH NAME
cleanclip \- CleanCLIP as Unix filters: poison, train, clean and measure CLIP models
.SH DESCRIPTION
Small programs that talk record streams over pipes.  They plant backdoors in image-caption data, train CLIP models on it, remove the
backdoors by fine-tuning, and measure the result.
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
.SH FILES
The manual, configurations of models and the experiments as make graphs lie in share/cleanclip.
EOF
