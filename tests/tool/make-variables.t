#!/bin/sh
# A misspelt variable on make's command line is refused, with the nearest name, before anything runs.
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL
refused() { # NAME NEAREST ARGUMENT...
	name=$1 nearest=$2
	shift 2
	fails_with "$name: unknown variable, no makefile or script reads it${nearest:+; did you mean $nearest?}" make "$@"
}
for goal in all help demo check bench parity deps units benches fuzzers clean format man install uninstall dist; do
	refused TARGTE TARGET -n $goal TARGTE=cat
done
refused PREFX PREFIX -n install PREFX=/usr
refused XYZZY '' -n all XYZZY=1
refused SEDS SEEDS -f pipelines/cleanclip.mk SEDS=1
for goal in cleanclip models scores sheets report; do
	refused LAMBDA LAMBDA2 -n -f pipelines/cleanclip.mk $goal LAMBDA=1
done
refused CLASES CLASSES -f pipelines/clean-a-checkpoint.mk CKPT=a CLEAN=b TEST=c CLASES=d
refused TOLERENCE TOLERANCE -n -f pipelines/clean-a-checkpoint.mk plan TOLERENCE=.1
for goal in paper scores measures figures report results hours data lambda tsne; do
	refused LRS_CURV LRS_CURVE -n -f pipelines/paper.mk $goal LRS_CURV=1e-3
	refused SEED SEEDS -n -C pipelines $goal SEED=1
done
refused IMAGNET IMAGENET -n -f pipelines/cc3m.mk data IMAGNET=val.tar
refused 'a;touch' '' -n 'a;touch=1' help
# The usual variables, those of a method or attack, and those of a data set
for arguments in "CC=gcc CFLAGS=-O2 CPPFLAGS=-DX LDFLAGS=-s LDLIBS=-lm SAN=1 all" "PREFIX=/usr DESTDIR=/tmp/x install" "CC_JOBS=1 V=1 all" \
	"-f pipelines/cleanclip.mk SEEDS=1 ATTACK=wanet TITLE=x" "-f pipelines/paper.mk SET=cifar10 BATCH.cleanclip=32 ATTACK.sig=sig LR.ss=1e-4 data" \
	"-f pipelines/cc3m.mk CC3M=a.tar data" "-C pipelines SET=drawings CLIPART=/tmp data"; do
	# shellcheck disable=SC2086 # words
	ok "make $arguments" make -n $arguments
done
# A makefile does not refuse the variables of a makefile that calls it.
printf 'include pipelines/variables.mk\n$(call check_variables,)\nown = $(MINE)\nall:\n\t@$(MAKE) -s -n -f pipelines/cleanclip.mk models\n' >"$T/own.mk"
sed -i "s|variables,|variables,$T/own.mk|" "$T/own.mk"
ok "a makefile's own variable passes through to ours" make -s -f "$T/own.mk" MINE=1
fails_with "MINE: unknown variable" make -n -f pipelines/cleanclip.mk MINE=1
is "no recipe ran" "$(ls | grep -c '^ran')" 0
done_testing
