# Cleans a model that somebody else has trained, and says what that came to:
#
#	make -f pipelines/clean-a-checkpoint.mk CKPT=ViT-B-32.pt VOCAB=bpe_simple_vocab_16e6.txt \
#		CLEAN='pairs-{0000..0009}.tar' TEST=test.tar CLASSES=classes.txt OUT=cleaned
#
# CKPT is a model of ours or whatever `cc-model import` takes (IMPORT: its options, such as --config FILE).  CLEAN: pairs that are
# known to be clean, one or several sources of cc-shard read.  TEST: labelled images, whose classes are in CLASSES.  Of the learning rates in LRS that one is chosen by
# pairs held out of CLEAN, as pipelines/pick.sh says, never by a trigger, which nobody knows who must clean a model.  ATTACK and
# TARGET, for a demonstration where they are known, only add a score.  What comes out, each whole or not at all:
#
#	OUT/before.safetensors   the model as it came, one of ours      OUT/before.*.json OUT/after.*.json   scores
#	OUT/after.safetensors    cleaned                                OUT/report.html                      all on one page
#	OUT/open_clip/           the cleaned model as open_clip loads it: create_model("local-dir:OUT/open_clip")
#
# A run that was stopped goes on where it was, also in the middle of a training; a changed setting makes again what depends on it.
# `make ... plan` prints how many steps there will be.
PIPELINES := $(dir $(lastword $(MAKEFILE_LIST)))
include $(PIPELINES)common.mk
OUT       ?= build/cleaned
VOCAB     ?=
IMPORT    ?=
SEED      ?= 0

# Data.  HELD: pairs that are held out of CLEAN, unless TUNE names shards of their own.  TAKE: at most so many of CLEAN.
TUNE          ?=
HELD          ?= 1000
TAKE          ?=
CLEAN_OPTIONS ?=
TEST_OPTIONS  ?=
# TEMPLATES: a file of those that class prompts are filled from, if not the model's own.
TEMPLATES     ?=

# Cleaning: the publication's, over a small grid of learning rates.  CONTROL=1 also fine-tunes without the loss inside images and texts.
LRS       ?= 3e-6 1e-5 3e-5
EPOCHS    ?= 10
BATCH     ?= 64
LAMBDA2   ?= 1
SS_IMAGE  ?= autoaugment
SS_TEXT   ?= eda
VIEWS     ?=
TRAIN     ?= --warmup 10%
CONTROL   ?=

# The choice: held-out pairs with labels by accuracy, others by retrieval; this much less than before may be lost.
TOLERANCE ?= .01

# A known trigger
ATTACK      ?=
TARGET      ?=
POISON_SIZE ?= 224

$(call one_name,OUT CKPT CLASSES VOCAB TEMPLATES)
$(call numbers,SEED HELD TAKE EPOCHS BATCH POISON_SIZE)
$(call rates,LRS LAMBDA2 TOLERANCE)
$(call literal,CLEAN TEST TUNE ATTACK TARGET)
$(call check_settings,pick.sh)
wanted = $(if $($(1)),,$(error $(1) is missing: $(2)))
$(call wanted,CKPT,the model)$(call wanted,CLEAN,pairs to clean it with)$(call wanted,TEST,labelled images)$(call wanted,CLASSES,a class name a line)
$(if $(ATTACK),$(call wanted,TARGET,the class that ATTACK stands for))
$(if $(or $(TUNE),$(subst 0,,$(HELD))),,$(error HELD is '$(HELD)': the learning rate is chosen by pairs that are held out; TUNE names others))
export ATTACK TARGET

READ    := $(BIN)/cc-shard read -q
# $(1): which of them
PAIRS    = $(READ) $(CLEAN_OPTIONS) --shuffle --seed 1 $(1) -- $(call sources,$(CLEAN))
STATES  := before after $(if $(CONTROL),control)
METRICS := clean $(if $(ATTACK),asr)
SCORES  := $(foreach s,$(STATES),$(foreach m,$(METRICS),$(OUT)/$(s).$(m).json))
TRIALS  := $(foreach r,$(LRS),$(OUT)/lr/$(r).safetensors)
CHOICE   = "$$(cat $(OUT)/chosen)"
STYLE    = $(if $(TEMPLATES),$(TEMPLATES),$$([ -s $(OUT)/templates.txt ] && echo $(OUT)/templates.txt || echo default))
PROMPTS  = $(BIN)/cc-embed --prompts $(CLASSES) --templates $(STYLE)
KEEP     = --save-every 200 --resume
LOG      = $(@:.safetensors=.jsonl)
# An unfinished training continues, unless its data or settings changed.
BEGIN    = [ -e $@.state ] && [ -z "$$(find $(OUT)/settings.train $(OUT)/pairs.tar -newer $@.state)" ] || rm -f $(LOG) $@.state

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: cleaned plan
cleaned: $(OUT)/report.html $(OUT)/open_clip/open_clip_model.safetensors

$(call settings,$(OUT)/settings.model,CKPT VOCAB IMPORT)
$(call settings,$(OUT)/settings.held,CLEAN CLEAN_OPTIONS $(if $(TUNE),TUNE,HELD))
$(call settings,$(OUT)/settings.pairs,CLEAN CLEAN_OPTIONS TAKE $(if $(TUNE),,HELD))
$(call settings,$(OUT)/settings.train,EPOCHS BATCH LAMBDA2 SS_IMAGE SS_TEXT VIEWS TRAIN SEED)
$(call settings,$(OUT)/settings.choice,LRS TOLERANCE)
$(call settings,$(OUT)/settings.classes,CLASSES TEMPLATES)
$(call settings,$(OUT)/settings.test,TEST TEST_OPTIONS)
$(call settings,$(OUT)/settings.trigger,ATTACK TARGET POISON_SIZE)
$(call settings,$(OUT)/settings.report,STATES METRICS)

$(OUT)/before.safetensors: $(CKPT) $(VOCAB) $(OUT)/settings.model
	@mkdir -p $(@D)
	if [ -z '$(VOCAB)' ] && $(BIN)/cc-model config -q $(CKPT) >/dev/null 2>&1; then cp $(CKPT) $@.tmp && mv $@.tmp $@; \
	else $(BIN)/cc-model import $(CKPT) $(IMPORT) $(if $(VOCAB),--vocab $(VOCAB)) -o $@; fi

# One order, cut in two: what the rate is chosen by is not trained on.  A set is written aside: an empty one never has its name.
COUNT = $(BIN)/cc-shard stat --json $(1) | jq .records
define write_pairs
@mkdir -p $(@D)/new
$(1) | $(BIN)/cc-shard write -q $(@D)/new/$(@F)
@[ "$$($(call COUNT,$(@D)/new/$(@F)))" -gt 0 ] || { rm -r $(@D)/new; echo $(call quote,clean-a-checkpoint.mk: $(2)) >&2; exit 1; }
@mv $(@D)/new/$(@F) $@
endef
$(OUT)/held.tar: $(call files,$(CLEAN) $(TUNE)) $(OUT)/settings.held
	$(call write_pairs,$(if $(TUNE),$(READ) $(CLEAN_OPTIONS) -- $(call sources,$(TUNE)),$(call PAIRS,--take $(HELD))),no pairs in $(if $(TUNE),TUNE,CLEAN))
$(OUT)/pairs.tar: $(call files,$(CLEAN)) $(OUT)/settings.pairs
	$(call write_pairs,$(call PAIRS,$(if $(TUNE),,--skip $(HELD)) $(if $(TAKE),--take $(TAKE))),no pairs are left of CLEAN$(if $(TUNE),, where HELD=$(HELD) are held out: use a smaller HELD; or TUNE))

# Before anything is scored or trained
$(OUT)/enough: $(OUT)/held.tar $(OUT)/pairs.tar $(OUT)/settings.train
	@records=$$($(call COUNT,$(OUT)/pairs.tar)); [ $$records -ge $(BATCH) ] && [ $$((records / $(BATCH) * $(EPOCHS))) -gt 0 ] || { \
		echo "no step: $$records pairs are left of CLEAN$(if $(TUNE),, where HELD=$(HELD) are held out)$(if $(TAKE), and TAKE=$(TAKE)), fewer than BATCH=$(BATCH)" >&2; exit 1; }
	@: >$@

# $(1): the recipe and its options, $(2): options of cc-augment
train = $(READ) --epochs $(EPOCHS) --shuffle --seed $(SEED) $(OUT)/pairs.tar | \
	$(BIN)/cc-augment -m $(OUT)/before.safetensors $(if $(VIEWS),--augment $(VIEWS)) $(2) --seed $(SEED) | \
	$(BIN)/cc-train $(1) -m $(OUT)/before.safetensors --batch $(BATCH) $(TRAIN) --seed $(SEED) $(KEEP) -o $@ >>$(LOG)

$(OUT)/lr/%.safetensors: $(OUT)/before.safetensors $(OUT)/pairs.tar $(OUT)/settings.train | $(OUT)/enough
	@mkdir -p $(@D)
	@$(BEGIN)
	$(call train,cleanclip --lr $* --lambda2 $(LAMBDA2),--image $(SS_IMAGE) --text $(SS_TEXT))
$(OUT)/control.safetensors: $(OUT)/before.safetensors $(OUT)/pairs.tar $(OUT)/settings.train $(OUT)/chosen
	@$(BEGIN)
	$(call train,clip --lr $(CHOICE),)

# The rate: by what is held out
$(OUT)/chosen: $(OUT)/before.held.json $(TRIALS:.safetensors=.held.json) $(OUT)/settings.choice
	$(PIPELINES)pick.sh $(TOLERANCE) $(filter %.json,$^) >$@.tmp
	mv $@.tmp $@
$(OUT)/after.safetensors: $(OUT)/chosen $(TRIALS)
	cp $(OUT)/lr/$(CHOICE).jsonl $(@:.safetensors=.jsonl)
	cp $(OUT)/lr/$(CHOICE).safetensors $@.tmp
	mv $@.tmp $@

# The same prompts before and after: TEMPLATES, else those that the model came with, else CLIP's
$(OUT)/templates.txt: $(OUT)/before.safetensors
	$(BIN)/cc-model info --json $< | jq -r '.templates // [] | .[]' >$@.tmp
	mv $@.tmp $@
$(OUT)/%.classes: $(OUT)/%.safetensors $(CLASSES) $(or $(TEMPLATES),$(OUT)/templates.txt) $(OUT)/settings.classes | $(OUT)/enough
	$(PROMPTS) -m $< -o $@
embedded = $(READ) $(1) | $(BIN)/cc-augment -m $(OUT)/$*.safetensors | $(BIN)/cc-embed -m $(OUT)/$*.safetensors --image
$(OUT)/%.held.json: $(OUT)/%.safetensors $(OUT)/%.classes $(OUT)/held.tar
	if $(READ) --take 1 $(OUT)/held.tar | $(BIN)/cc-view | grep -q '"cls"'; \
	then $(call embedded,$(OUT)/held.tar) | $(BIN)/cc-score zeroshot --classes $(OUT)/$*.classes -o $@; \
	else $(call embedded,$(OUT)/held.tar) --text | $(BIN)/cc-score retrieval -o $@; fi
$(OUT)/%.clean.json: $(OUT)/%.safetensors $(OUT)/%.classes $(call files,$(TEST)) $(OUT)/settings.test
	$(call embedded,$(TEST_OPTIONS) -- $(call sources,$(TEST))) | $(BIN)/cc-score zeroshot --classes $(OUT)/$*.classes -o $@

$(OUT)/triggered.tar: $(call files,$(TEST)) $(OUT)/settings.test $(OUT)/settings.trigger
	@mkdir -p $(@D)
	$(READ) $(TEST_OPTIONS) -- $(call sources,$(TEST)) | $(BIN)/cc-poison --attack "$$ATTACK" --target "$$TARGET" --size $(POISON_SIZE) --all --caption keep | \
		$(BIN)/cc-shard write -q $@
$(OUT)/%.asr.json: $(OUT)/%.safetensors $(OUT)/%.classes $(OUT)/triggered.tar
	$(call embedded,$(OUT)/triggered.tar) | $(BIN)/cc-score asr --classes $(OUT)/$*.classes --target "$$TARGET" -o $@

$(OUT)/report.html: $(SCORES) $(OUT)/after.safetensors $(OUT)/settings.report
	$(BIN)/cc-view report --title 'A checkpoint, cleaned: $(notdir $(CKPT))' -o $@ $(SCORES) $(OUT)/after.jsonl \
		$(STATES:%=$(OUT)/%.safetensors)
$(OUT)/open_clip/open_clip_model.safetensors: $(OUT)/after.safetensors
	@mkdir -p $(@D)
	$(BIN)/cc-model config $< -o $(@D)/open_clip_config.json
	ln -f $< $@

plan: $(OUT)/enough
	@records=$$($(call COUNT,$(OUT)/pairs.tar)); echo "$(words $(LRS)) trainings of $$((records / $(BATCH) * $(EPOCHS))) steps"
