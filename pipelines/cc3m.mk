# The graph of paper.mk at full size: CC3M as img2dataset writes it, RN50, ImageNet as the test set, published hyper-parameters.
#
#	make -f pipelines/cc3m.mk -n scores                  print the commands
#	make -f pipelines/cc3m.mk hours                      estimate the hours on this machine (needs CC3M)
#	make -f pipelines/cc3m.mk main-table MAIN=blended SEEDS=1 \
#		CC3M='cc3m/{00000..00331}.tar' CLEAN100K='clean100k/{00000..00009}.tar' SBU='sbu100k/{00000..00009}.tar' \
#		IMAGENET='imagenet-val-{00..49}.tar' LABELLED='imagenet50k-{0..4}.tar' TUNE='imagenet-tune-{0..1}.tar' \
#		CLASSES=imagenet-classes.txt VOCAB=bpe_simple_vocab_16e6.txt
#
# IMAGENET, LABELLED and TUNE (held-out images for choosing rates) are shards with cls.  CLASSES lists the class names, one per
# line, in the order of cls.  CC3M is not copied: triggers are added, by key, as the pairs are read.  Interrupted trainings
# are resumed.  All settings are in paper/cc3m.mk.
SETS := cc3m
include $(dir $(lastword $(MAKEFILE_LIST)))paper.mk
