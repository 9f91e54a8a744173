# CC3M as img2dataset writes it, RN50, ImageNet as the test set, and the publication's hyper-parameters: see ../cc3m.mk.
CC3M      ?= cc3m/{00000..00331}.tar
CLEAN100K ?= clean100k/{00000..00009}.tar
SBU       ?= sbu100k/{00000..00009}.tar
IMAGENET  ?= imagenet-val-{00..49}.tar
LABELLED  ?= imagenet50k-{0..4}.tar
TUNE      ?= imagenet-tune-{0..1}.tar
CLASSES   ?= imagenet-classes.txt
VOCAB     ?= bpe_simple_vocab_16e6.txt
$(call literal,CC3M CLEAN100K SBU IMAGENET LABELLED TUNE PAIRS)
$(call one_name,CLASSES VOCAB)
# Numbers of pairs, for the estimate of hours; counting them would mean reading them all
PAIRS     ?= train=3000000 test=50000 tune=10000

LISTED          := train clean foreign test labelled tune
SHARDS.train     = $(CC3M)
SHARDS.clean     = $(CLEAN100K)
SHARDS.foreign   = $(SBU)
SHARDS.test      = $(IMAGENET)
SHARDS.labelled  = $(LABELLED)
SHARDS.tune      = $(TUNE)
CLEAN.foreign    = $(MADE)/foreign.list
CLEAN.supervised = labelled
PROBED           = $(OUT)/clean_labelled.tar
PROBE_EPOCHS     = 10
define MAKE_DATA
	@mkdir -p $(MADE)
	@grep -qxF -e "$$TARGET" $(CLASSES) || { printf "cc3m.mk: target '%s' is not a class in $(CLASSES)\n" "$$TARGET" >&2; exit 1; }
	cp $(CLASSES) $(MADE)/classes.txt
	$(if $(VOCAB),cp $(VOCAB) $(MADE)/vocab.txt)
	$(foreach l,$(LISTED),printf '%s\n' $(foreach s,$(SHARDS.$(l)),$(call quote,$(s))) >$(MADE)/$(l).list &&) printf '%s\n' $(call quote,$(ALL_SHARDS)) >$(MADE)/source.txt
endef
# The lists are made again when the names of the shards change.
ALL_SHARDS = $(foreach l,$(LISTED),$(l): $(SHARDS.$(l)))
STALE      = $(if $(subst x$(ALL_SHARDS)x,,x$(file <$(MADE)/source.txt)x),FORCE)

MODEL             ?= $(PIPELINES)models/RN50-quickgelu.json
SIZE              ?= 224
TEMPLATES         ?=
TARGET            ?= banana
POISONS           ?= 1500
POISON_COUNTS     ?= 75 300 500
EPOCHS            ?= 64
CLEAN_EPOCHS      ?= 10
SUPERVISED_EPOCHS ?= 10
CLEAN             ?= 100000
CLEAN_SIZES       ?= 10000 25000 50000
FOREIGN           ?= 100000
PRETRAIN_LR       ?= 5e-4
LAMBDA2           ?= 1
BETAS             ?= .9,.999
BATCH.poisoned    ?= 128
BATCH             ?= 64
BATCH.supervised  ?= 80
BATCH.probe       ?= 80
WARMUP.poisoned   ?= 10000
WARMUP            ?= 50
WARMUP.supervised ?= 500
CLEAN_VIEWS       ?=
STRONG_VIEWS      ?=
SS_VIEWS          ?= --image autoaugment --text eda
# Two views of 64 pairs take 22 GB in a ResNet.  Smaller pieces take less, but batch norm then uses the statistics of each piece.
FIT               ?= --accumulate 1
TIMED_BATCH       ?= 8
TIMED_STEPS       ?= 2

# The learning rate is chosen from LRS on held-out images.  LRS and LRS_CURVE together include the published rates.
LRS           ?= 1e-5 5e-5
LRS_CURVE     ?= 5e-6 1e-4
LR.crossmodal := 1e-5
LR.ss         := 1e-5
LR.cleanclip  := 1e-5
LR.supervised := 1e-4
LR.unlearn    := 1e-5

MAIN    ?= badnet blended wanet
ABLATED ?= blended
OTHERS  ?= badnet-fixed yellow blended-fixed sig badnet-stripes blended-stripes triangles text consistent wanet-smooth
ATTACK.badnet          := badnet
ATTACK.blended         := blended
ATTACK.wanet           := wanet
ATTACK.badnet-fixed    := badnet:place=bottom-right,pattern=1
ATTACK.yellow          := yellow
ATTACK.blended-fixed   := blended:pattern=1
ATTACK.sig             := sig
ATTACK.badnet-stripes  := badnet-stripes
ATTACK.blended-stripes := blended-stripes
ATTACK.triangles       := triangles
ATTACK.text            := text
ATTACK.consistent      := badnet
ATTACK.wanet-smooth    := wanet:k=4
