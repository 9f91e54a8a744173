# The main experiment as a make graph: poison, train, clean in three ways, score.  Run it, or include it in another makefile:
#
#	make -f pipelines/cleanclip.mk -j2 DATA=mine OUT=runs/mine TARGET=banana SEEDS="1 2 3"
#
# DATA is a folder with train.tar, clean.tar, test.tar and classes.txt (pipelines/demo-data.sh makes one).  Poisoned captions and
# class prompts use the caption templates recorded in the data, or those in the file TEMPLATES.  One pipe makes each file below
# $(OUT), and a file appears only when it is complete.  An interrupted run can be resumed, even in the middle of a training.
PIPELINES := $(dir $(lastword $(MAKEFILE_LIST)))
include $(PIPELINES)common.mk
DATA      ?= build/demo/data
OUT       ?= build/demo
SEEDS     ?= 21
MODEL     ?= $(PIPELINES)models/tiny.json
TEMPLATES ?=
SIZE      ?= 32
VOCAB     ?= 1000

# The attack
ATTACK    ?= blended:pattern=1
TARGET    ?= airplane
$(call literal,ATTACK TARGET)
export ATTACK TARGET
POISONS   ?= 400

# Training on the poisoned pairs
EPOCHS    ?= 8
VIEWS     ?= shiftflip:shift=3
BATCH     ?= 64
WARMUP    ?= 100
PRETRAIN  ?= --lr 1.5e-3 --batch $(BATCH) --warmup $(WARMUP) --betas .9,.98 --wd .1

# Cleaning, tuned on held-out images.  The control, crossmodal, has the learning rate, epochs and data of CleanCLIP.
CLEAN_EPOCHS      ?= 6
CLEAN_VIEWS       ?= $(VIEWS)
CLEAN_BATCH       ?= 64
FINETUNE          ?= --lr 1.1e-3 --batch $(CLEAN_BATCH) --warmup 10% --betas .9,.98 --wd .1
LAMBDA2           ?= .6
SS_IMAGE          ?= strong:ops=5
SS_TEXT           ?= eda
SUPERVISED_EPOCHS ?= 6
SUPERVISED_VIEWS  ?= strong:ops=1
SUPERVISED_BATCH  ?= 128
SUPERVISED        ?= --lr 1e-3 --batch $(SUPERVISED_BATCH) --warmup 10% --betas .9,.98 --wd .01

$(call one_name,OUT DATA MODEL TEMPLATES)
$(call numbers,SEEDS SIZE VOCAB POISONS EPOCHS CLEAN_EPOCHS SUPERVISED_EPOCHS BATCH CLEAN_BATCH SUPERVISED_BATCH)
$(call rates,LAMBDA2)
$(call check_settings)
STATES  := poisoned crossmodal cleanclip supervised
MODELS  := $(foreach s,$(SEEDS),$(foreach m,$(STATES),$(OUT)/$(s)/$(m).safetensors))
SCORES  := $(foreach s,$(SEEDS),$(foreach m,$(STATES),$(OUT)/$(s)/$(m).clean.json $(OUT)/$(s)/$(m).asr.json))
SHEETS  := $(OUT)/poisoned.png $(OUT)/differences.png $(OUT)/views.png

READ    := $(BIN)/cc-shard read -q
TRIGGER := $(BIN)/cc-poison --attack "$$ATTACK" --size $(SIZE) --target "$$TARGET"
STYLE   := $(TEMPLATES:%=--templates %)
PROMPTS  = $(BIN)/cc-embed --prompts $(DATA)/classes.txt $(STYLE)
seed     = $(word 1,$(subst /, ,$(patsubst $(OUT)/%,%,$@)))
RESUME   = --save-every 500 --resume
LOG      = $(@:.safetensors=.jsonl)
BEGIN    = [ -e $@.state ] || rm -f $(LOG)

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: cleanclip models scores sheets report
cleanclip: scores sheets report
models: $(MODELS)
scores: $(SCORES)
sheets: $(SHEETS)
report: $(OUT)/report.html

# A makefile that includes this one may have rules that make them.
$(DATA)/%:
	@echo "$@ is missing: DATA is a folder with train.tar clean.tar test.tar classes.txt (pipelines/demo-data.sh makes one)" >&2; exit 1

# The poisoned training set, and the test set with the trigger on every image
$(OUT)/poisoned.tar: $(DATA)/train.tar
	@mkdir -p $(@D)
	$(READ) $< | $(TRIGGER) -n $(POISONS) $(STYLE) | $(BIN)/cc-shard write $@
$(OUT)/triggered.tar: $(DATA)/test.tar
	@mkdir -p $(@D)
	$(READ) $< | $(TRIGGER) --all --caption keep | $(BIN)/cc-shard write $@

# The vocabulary is learnt from the training set.
$(OUT)/vocab.txt: $(OUT)/poisoned.tar
	$(READ) $< | $(BIN)/cc-model vocab --size $(VOCAB) -o $@

$(OUT)/%/poisoned.safetensors: $(OUT)/poisoned.tar $(OUT)/vocab.txt $(MODEL)
	@mkdir -p $(@D)
	@$(BEGIN)
	$(READ) --epochs $(EPOCHS) --shuffle --seed $(seed) $< | \
		$(BIN)/cc-augment --size $(SIZE) --augment $(VIEWS) --seed $(seed) | \
		$(BIN)/cc-train clip --init $(MODEL) --vocab $(OUT)/vocab.txt $(PRETRAIN) --seed $(seed) $(RESUME) -o $@ >>$(LOG)

$(OUT)/%/crossmodal.safetensors: $(OUT)/%/poisoned.safetensors $(DATA)/clean.tar
	@$(BEGIN)
	$(READ) --epochs $(CLEAN_EPOCHS) --shuffle --seed $(seed) $(DATA)/clean.tar | \
		$(BIN)/cc-augment --size $(SIZE) --augment $(CLEAN_VIEWS) --seed $(seed) | \
		$(BIN)/cc-train clip -m $< $(FINETUNE) --seed $(seed) $(RESUME) -o $@ >>$(LOG)

$(OUT)/%/cleanclip.safetensors: $(OUT)/%/poisoned.safetensors $(DATA)/clean.tar
	@$(BEGIN)
	$(READ) --epochs $(CLEAN_EPOCHS) --shuffle --seed $(seed) $(DATA)/clean.tar | \
		$(BIN)/cc-augment --size $(SIZE) --augment $(CLEAN_VIEWS) --image $(SS_IMAGE) --text $(SS_TEXT) --seed $(seed) | \
		$(BIN)/cc-train cleanclip -m $< $(FINETUNE) --lambda2 $(LAMBDA2) --seed $(seed) $(RESUME) -o $@ >>$(LOG)

$(OUT)/%/supervised.safetensors: $(OUT)/%/poisoned.safetensors $(OUT)/%/poisoned.classes $(DATA)/clean.tar
	@$(BEGIN)
	$(READ) --epochs $(SUPERVISED_EPOCHS) --shuffle --seed $(seed) $(DATA)/clean.tar | \
		$(BIN)/cc-augment --size $(SIZE) --augment $(SUPERVISED_VIEWS) --seed $(seed) | \
		$(BIN)/cc-train supervised -m $< --classes $(OUT)/$(seed)/poisoned.classes $(SUPERVISED) --seed $(seed) \
			$(RESUME) -o $@ >>$(LOG)

# A supervised model classifies with its own head, the others with the embedded prompts.
$(OUT)/%.classes: $(OUT)/%.safetensors $(DATA)/classes.txt $(TEMPLATES)
	$(PROMPTS) -m $< -o $@
$(OUT)/%/supervised.classes: $(OUT)/%/supervised.safetensors
	ln -sf supervised.head.safetensors $@
RAW = $(if $(findstring supervised,$@),--raw)

$(OUT)/%.clean.json: $(OUT)/%.safetensors $(OUT)/%.classes $(DATA)/test.tar
	$(READ) $(DATA)/test.tar | $(BIN)/cc-augment --size $(SIZE) | $(BIN)/cc-embed -m $< --image $(RAW) | \
		$(BIN)/cc-score zeroshot --classes $(OUT)/$*.classes -o $@
$(OUT)/%.asr.json: $(OUT)/%.safetensors $(OUT)/%.classes $(OUT)/triggered.tar
	$(READ) $(OUT)/triggered.tar | $(BIN)/cc-augment --size $(SIZE) | $(BIN)/cc-embed -m $< --image $(RAW) | \
		$(BIN)/cc-score asr --classes $(OUT)/$*.classes --target "$$TARGET" -o $@

# Contact sheets
$(OUT)/poisoned.png: $(OUT)/poisoned.tar
	$(READ) $< | $(BIN)/cc-view sheet --poisoned --count 60 -o $@
$(OUT)/differences.png: $(OUT)/triggered.tar $(DATA)/test.tar
	$(READ) --take 24 $(DATA)/test.tar -o $(@:.png=.msgpack)
	$(READ) --take 24 $< | $(BIN)/cc-view sheet --columns 3 --with $(@:.png=.msgpack) -o $@
	@rm $(@:.png=.msgpack)
$(OUT)/views.png: $(DATA)/clean.tar
	$(READ) --take 40 $< | $(BIN)/cc-augment --size $(SIZE) --image $(SS_IMAGE) --text $(SS_TEXT) | $(BIN)/cc-view sheet -o $@

# One page with everything
TITLE ?= CleanCLIP: $(TARGET) by $(ATTACK), seeds $(SEEDS)
$(call literal,TITLE)
export TITLE
$(OUT)/report.html: $(SCORES) $(SHEETS)
	$(BIN)/cc-view report --title "$$TITLE" -o $@ $(SCORES) $(MODELS:.safetensors=.jsonl) $(SHEETS) $(MODELS)
