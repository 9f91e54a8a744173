# The publication's own run with its hyper-parameters: CC3M as img2dataset leaves it, RN50, ImageNet to measure on.
#
#	make -f pipelines/cc3m.mk CC3M='cc3m/{00000..00331}.tar' CLEAN='clean100k/{00000..00009}.tar' \
#		IMAGENET='imagenet-val-{00..49}.tar' LABELLED='imagenet50k-{0..4}.tar' CLASSES=imagenet-classes.txt \
#		VOCAB=bpe_simple_vocab_16e6.txt
#
# IMAGENET and LABELLED are shards with cls, CLASSES has a name a line in the order of cls.  Nothing of the data is written
# again: the trigger is put on where the pairs are read, by their keys.  `make -n` prints the pipes; on one server this
# takes months (`cc-model info pipelines/models/RN50.json` tells the work), so a training goes on where it was stopped.
PIPELINES := $(dir $(lastword $(MAKEFILE_LIST)))
include $(PIPELINES)common.mk
CC3M      ?= cc3m/{00000..00331}.tar
CLEAN     ?= clean100k/{00000..00009}.tar
IMAGENET  ?= imagenet-val-{00..49}.tar
LABELLED  ?= imagenet50k-{0..4}.tar
CLASSES   ?= imagenet-classes.txt
VOCAB     ?= bpe_simple_vocab_16e6.txt
MODEL     ?= $(PIPELINES)models/RN50-quickgelu.json
OUT       ?= build/cc3m
SEED      ?= 1
ATTACK    ?= badnet
TARGET    ?= banana
POISONS   ?= 1500
LRS       ?= 5e-6 1e-5 5e-5 1e-4
LAMBDA2S  ?= 1
EPOCHS            ?= 64
CLEAN_EPOCHS      ?= 10
SUPERVISED_EPOCHS ?= 10
# Two views of 64 pairs through a ResNet take 22 GB; pieces of them take less, with batch norm's statistics of each piece.
FIT       ?= --accumulate 1

READ    := $(BIN)/cc-shard read -q
LEARN   := $(READ) --shuffle --seed $(SEED)
AUGMENT := $(BIN)/cc-augment -q --seed $(SEED)
POISON  := $(BIN)/cc-poison -q --attack '$(ATTACK)' --target '$(TARGET)'
KEEP     = --seed $(SEED) --save-every 1000 --resume $(FIT) -o $@ >>$(@:.safetensors=.jsonl)
BEGIN    = [ -e $@.state ] || rm -f $(@:.safetensors=.jsonl)
lr       = $(word 2,$(subst _, ,$(basename $(@F))))
lambda2  = $(word 3,$(subst _, ,$(basename $(@F))))

STATES := poisoned $(foreach r,$(LRS),crossmodal_$(r) $(foreach l,$(LAMBDA2S),cleanclip_$(r)_$(l))) supervised_1e-4
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: scores
scores: $(foreach s,$(STATES),$(OUT)/$(s).clean.json $(OUT)/$(s).asr.json)

# Which pairs: the first of an order that is a function of the keys
$(OUT)/poisoned.keys:
	@mkdir -p $(@D)
	$(READ) --shuffle --seed $(SEED) --take $(POISONS) --fields txt '$(CC3M)' -o $@.msgpack
	$(BIN)/cc-view $@.msgpack | jq -r '.__key__ // empty' >$@
	@rm $@.msgpack
$(OUT)/poisoned.safetensors: $(OUT)/poisoned.keys
	@$(BEGIN)
	$(LEARN) --epochs $(EPOCHS) '$(CC3M)' | $(POISON) --keys $< --encode jpeg:75 | $(AUGMENT) | \
		$(BIN)/cc-train clip --init $(MODEL) --vocab $(VOCAB) --lr 5e-4 --batch 128 --warmup 10000 $(KEEP)
$(OUT)/crossmodal_%.safetensors: $(OUT)/poisoned.safetensors
	@$(BEGIN)
	$(LEARN) --epochs $(CLEAN_EPOCHS) '$(CLEAN)' | $(AUGMENT) | \
		$(BIN)/cc-train clip -m $< --lr $(lr) --batch 64 --warmup 50 $(KEEP)
$(OUT)/cleanclip_%.safetensors: $(OUT)/poisoned.safetensors
	@$(BEGIN)
	$(LEARN) --epochs $(CLEAN_EPOCHS) '$(CLEAN)' | $(AUGMENT) --image autoaugment --text eda | \
		$(BIN)/cc-train cleanclip -m $< --lr $(lr) --lambda2 $(lambda2) --batch 64 --warmup 50 $(KEEP)
$(OUT)/supervised_%.safetensors: $(OUT)/poisoned.safetensors $(OUT)/poisoned.classes
	@$(BEGIN)
	$(LEARN) --epochs $(SUPERVISED_EPOCHS) '$(LABELLED)' | $(AUGMENT) | \
		$(BIN)/cc-train supervised -m $< --classes $(word 2,$^) --lr $(lr) --batch 80 --warmup 500 $(KEEP)

$(OUT)/supervised_%.classes: $(OUT)/supervised_%.safetensors
	ln -sf $(notdir $(<:.safetensors=.head.safetensors)) $@
$(OUT)/%.classes: $(OUT)/%.safetensors
	$(BIN)/cc-embed -q --prompts $(CLASSES) -m $< -o $@
EMBED = $(BIN)/cc-embed -q $(if $(findstring supervised,$@),--raw) --image -m
$(OUT)/%.clean.json: $(OUT)/%.safetensors $(OUT)/%.classes
	$(READ) '$(IMAGENET)' | $(AUGMENT) | $(EMBED) $< | $(BIN)/cc-score zeroshot --classes $(OUT)/$*.classes -o $@
# At evaluation the trigger is put on in memory
$(OUT)/%.asr.json: $(OUT)/%.safetensors $(OUT)/%.classes
	$(READ) '$(IMAGENET)' | $(POISON) --all --caption keep --encode raw | $(AUGMENT) | $(EMBED) $< | \
		$(BIN)/cc-score asr --classes $(OUT)/$*.classes --target '$(TARGET)' -o $@
