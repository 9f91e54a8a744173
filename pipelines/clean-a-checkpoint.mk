# Cleans an existing model and measures the result:
#
#	make -f pipelines/clean-a-checkpoint.mk CKPT=ViT-B-32.pt VOCAB=bpe_simple_vocab_16e6.txt \
#		CLEAN='pairs-{0000..0009}.tar' TEST=test.tar CLASSES=classes.txt OUT=cleaned
#
# CKPT is one of our models or any that `cc-model import` reads (IMPORT: options for it, such as --config FILE).  CLEAN: pairs known
# to be clean, one or more sources of cc-shard read.  TEST: labelled images; CLASSES: their class names.  The learning rate is
# chosen from LRS by a score on pairs held out of CLEAN (see pipelines/pick.sh), never by a trigger: in practice the trigger is
# not known.  ATTACK and TARGET, for demonstrations with a known trigger, only add a score.  The outputs, each written only when complete:
#
#	OUT/before.safetensors   the original model in our format       OUT/before.*.json OUT/after.*.json   scores
#	OUT/after.safetensors    the cleaned model                      OUT/report.html                      everything on one page
#	OUT/open_clip/           the cleaned model for open_clip: create_model("local-dir:OUT/open_clip")
#
# An interrupted run can be resumed, even in the middle of a training.  After a setting changes, what depends on it is made again.
# `make ... plan` prints the number of training steps.
PIPELINES := $(dir $(lastword $(MAKEFILE_LIST)))
include $(PIPELINES)common.mk
OUT       ?= build/cleaned
VOCAB     ?=
IMPORT    ?=
SEED      ?= 0

# Data.  HELD: number of pairs held out of CLEAN, unless TUNE names other shards to choose on.  TAKE: maximum number of pairs to clean with.
TUNE          ?=
HELD          ?= 1000
TAKE          ?=
CLEAN_OPTIONS ?=
TEST_OPTIONS  ?=
# TEMPLATES: a file of caption templates for the class prompts, instead of the model's own
TEMPLATES     ?=

# Cleaning as published, at each of a few learning rates.  CONTROL=1 also fine-tunes without the self-supervised loss.
LRS       ?= 3e-6 1e-5 3e-5
EPOCHS    ?= 10
BATCH     ?= 64
LAMBDA2   ?= 1
SS_IMAGE  ?= autoaugment
SS_TEXT   ?= eda
VIEWS     ?=
TRAIN     ?= --warmup 10%
CONTROL   ?=

# The score that the rate is chosen by may fall by at most TOLERANCE: accuracy if the held-out pairs have labels, else retrieval.
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
$(call wanted,CKPT,the model)$(call wanted,CLEAN,pairs to clean it with)$(call wanted,TEST,labelled images)$(call wanted,CLASSES,one class name per line)
$(if $(ATTACK),$(call wanted,TARGET,the class that ATTACK is to produce))
$(if $(or $(TUNE),$(subst 0,,$(HELD))),,$(error HELD is '$(HELD)': held-out pairs are needed to choose the learning rate; or name other pairs with TUNE))
export ATTACK TARGET

READ    := $(BIN)/cc-shard read -q
# $(1): options that select a part of the pairs
PAIRS    = $(READ) $(CLEAN_OPTIONS) --shuffle --seed 1 $(1) -- $(call sources,$(CLEAN))
STATES  := before after $(if $(CONTROL),control)
METRICS := clean $(if $(ATTACK),asr)
SCORES  := $(foreach s,$(STATES),$(foreach m,$(METRICS),$(OUT)/$(s).$(m).json))
TRIALS  := $(foreach r,$(LRS),$(OUT)/lr/$(r).safetensors)
CHOICE   = "$$(cat $(OUT)/chosen)"
STYLE    = $(if $(TEMPLATES),$(TEMPLATES),$$([ -s $(OUT)/templates.txt ] && echo $(OUT)/templates.txt || echo default))
PROMPTS  = $(BIN)/cc-embed --prompts $(CLASSES) --templates $(STYLE)
RESUME   = --save-every 200 --resume
LOG      = $(@:.safetensors=.jsonl)
# Resume an unfinished training unless its data or settings changed.
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

# The shuffled pairs are divided in two, so that the rate is not chosen on pairs that are trained on.  A set is written under another name
# first, so an empty one never gets its name.
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
	$(call write_pairs,$(call PAIRS,$(if $(TUNE),,--skip $(HELD)) $(if $(TAKE),--take $(TAKE))),CLEAN has no pairs left$(if $(TUNE),, after HELD=$(HELD) are held out; use a smaller HELD or set TUNE))

# Checked before anything is scored or trained
$(OUT)/enough: $(OUT)/held.tar $(OUT)/pairs.tar $(OUT)/settings.train
	@records=$$($(call COUNT,$(OUT)/pairs.tar)); [ $$records -ge $(BATCH) ] && [ $$((records / $(BATCH) * $(EPOCHS))) -gt 0 ] || { \
		echo "no training step: $$records pairs of CLEAN are left$(if $(TUNE),, after HELD=$(HELD) are held out)$(if $(TAKE), and TAKE=$(TAKE)), fewer than BATCH=$(BATCH)" >&2; exit 1; }
	@: >$@

# $(1): the recipe and its options, $(2): options of cc-augment
train = $(READ) --epochs $(EPOCHS) --shuffle --seed $(SEED) $(OUT)/pairs.tar | \
	$(BIN)/cc-augment -m $(OUT)/before.safetensors $(if $(VIEWS),--augment $(VIEWS)) $(2) --seed $(SEED) | \
	$(BIN)/cc-train $(1) -m $(OUT)/before.safetensors --batch $(BATCH) $(TRAIN) --seed $(SEED) $(RESUME) -o $@ >>$(LOG)

$(OUT)/lr/%.safetensors: $(OUT)/before.safetensors $(OUT)/pairs.tar $(OUT)/settings.train | $(OUT)/enough
	@mkdir -p $(@D)
	@$(BEGIN)
	$(call train,cleanclip --lr $* --lambda2 $(LAMBDA2),--image $(SS_IMAGE) --text $(SS_TEXT))
$(OUT)/control.safetensors: $(OUT)/before.safetensors $(OUT)/pairs.tar $(OUT)/settings.train $(OUT)/chosen
	@$(BEGIN)
	$(call train,clip --lr $(CHOICE),)

# The learning rate, chosen on held-out pairs
$(OUT)/chosen: $(OUT)/before.held.json $(TRIALS:.safetensors=.held.json) $(OUT)/settings.choice
	$(PIPELINES)pick.sh $(TOLERANCE) $(filter %.json,$^) >$@.tmp
	mv $@.tmp $@
$(OUT)/after.safetensors: $(OUT)/chosen $(TRIALS)
	cp $(OUT)/lr/$(CHOICE).jsonl $(@:.safetensors=.jsonl)
	cp $(OUT)/lr/$(CHOICE).safetensors $@.tmp
	mv $@.tmp $@

# The same prompts before and after cleaning: from TEMPLATES, else the original model's own, else CLIP's
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
