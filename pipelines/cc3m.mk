# The same graph as paper.mk at its full size: CC3M as img2dataset leaves it, RN50, ImageNet to measure on, published hyper-parameters.
#
#	make -f pipelines/cc3m.mk -n scores                  the pipes
#	make -f pipelines/cc3m.mk hours                      how long all of it takes here, once there is CC3M
#	make -f pipelines/cc3m.mk main-table MAIN=blended SEEDS=1 \
#		CC3M='cc3m/{00000..00331}.tar' CLEAN100K='clean100k/{00000..00009}.tar' SBU='sbu100k/{00000..00009}.tar' \
#		IMAGENET='imagenet-val-{00..49}.tar' LABELLED='imagenet50k-{0..4}.tar' TUNE='imagenet-tune-{0..1}.tar' \
#		CLASSES=imagenet-classes.txt VOCAB=bpe_simple_vocab_16e6.txt
#
# IMAGENET, LABELLED and TUNE (images held out, where rates are chosen) are shards with cls; CLASSES has a name a line in the
# order of cls.  CC3M is not written again: the trigger is put on where the pairs are read, by their keys.  A training goes on
# where it was stopped.  All settings are in paper/cc3m.mk.
SETS := cc3m
include $(dir $(lastword $(MAKEFILE_LIST)))paper.mk
