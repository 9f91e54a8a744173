# The publication as a make graph: attacks, defences, ablations, figures, for one data set after the other.
#
#	make -C pipelines paper                              all of it; what has its scores in results/paper is not made again
#	make -C pipelines paper DATA=FOLDER                  with cifar10/train.tar and test.tar of that folder; else as demo-data.sh finds them
#	make -C pipelines paper SETS=cifar10 SEEDS="1 2 3"   a part
#	make -C pipelines -n paper                           what it would run, and how many hours that takes here
#	make -C pipelines lambda SET=drawings                one experiment: see EXPERIMENTS
#
# Names say what a thing is: $(OUT)/ATTACK/SEED/STATE.safetensors is a model and $(SCORES)/ATTACK/SEED/STATE.jsonl its
# scores.  ATTACK and STATE are a word, then settings: "blended_n_100", "cleanclip_lr_1e-3_lambda2_4".
# Finished scores are moved into one file, $(RESULTS)/scores.jsonl (see paper/scores.jq).  It is small and committed: a run can be
# resumed on another machine, and tables and figures need no model.
PIPELINES := $(dir $(lastword $(MAKEFILE_LIST)))
PAPER     := $(PIPELINES)paper
include $(PIPELINES)common.mk
$(call literal,SETS SET BUILD STORE MADE DATA)
SETS      ?= cifar10 drawings
SET       ?= $(firstword $(SETS))
SEEDS     ?= 1 2 3
LAMBDAS   ?= .5 1 2 4 8
BUILD     ?= build/paper
# Beside the source, or where these files are installed, with what else is made.
KEPT      := $(if $(wildcard $(PIPELINES)results),$(PIPELINES),$(BUILD)/)
STORE     ?= $(KEPT)results/paper
MADE_IS_GIVEN := $(MADE)
MADE      ?= $(BUILD)/$(SET)/data
OUT       := $(BUILD)/$(SET)
RESULTS   := $(STORE)/$(SET)
FIGURES   := $(RESULTS)/figures
PACKED    := $(RESULTS)/scores.jsonl
# Scores that are not in that file yet
SCORES    := $(OUT)/scores
PACK       = $(PAPER)/scores.sh pack $(call quote,$(PACKED)) $(SCORES)
$(call one_name,SET BUILD STORE MADE)
$(call words_only,SETS)
$(call numbers,SEEDS)
# "1 01" is one seed.
override SEEDS := $(shell printf '%s\n' $(SEEDS) | awk '{ print $$1 + 0 }' | sort -nu)
ONCE      := $(firstword $(SEEDS))

include $(PAPER)/$(SET).mk
# Of a set that does not say otherwise
TEMPLATES ?= $(PIPELINES)templates/captions.txt
MODEL     ?= $(PIPELINES)models/tiny.json
SIZE      ?= 32
$(call one_name,TEMPLATES MODEL CLEAN.foreign)
$(call words_only,MAIN OTHERS ABLATED LAMBDAS LRS LRS_CURVE CLEAN CLEAN_SIZES FOREIGN POISONS POISON_COUNTS)
$(call numbers,SIZE EPOCHS CLEAN_EPOCHS SUPERVISED_EPOCHS TIMED_BATCH TIMED_STEPS)
$(call words_only,PAIRS)
$(call literal,TARGET $(filter ATTACK.%,$(.VARIABLES)))
# Names of classes may have quotes in them.
export TARGET
# demo-data.sh means something else by that.
unexport DATA

# NAME, SETTING, DEFAULT: blended_n_100, n -> 100
setting  = $(or $(firstword $(subst _, ,$(word 2,$(subst _$(2)_, ,$(1)_)))),$(3))
path     = $(subst /, ,$(patsubst $(OUT)/%,%,$(patsubst $(SCORES)/%,%,$(@:$(FIGURES)/tsne/%=%))))
attack   = $(word 1,$(path))
trigger  = $(firstword $(subst _, ,$(attack)))
seed     = $(word 2,$(path))
state    = $(basename $(notdir $@))
method   = $(firstword $(subst _, ,$(state)))
option   = $(call setting,$(state),$(1),$(2))

# ---- what is compared: ATTACK/SEED/STATE for each
each          = $(foreach a,$(1),$(foreach s,$(2),$(foreach m,$(3),$(a)/$(s)/$(m))))
DEFENCES     := crossmodal ss cleanclip supervised
at_its_rate   = $(foreach d,$(1),$(d)_lr_$(LR.$(d)))
at_rates      = $(foreach d,$(1),$(foreach r,$(2),$(d)_lr_$(r)))
SIZED         = $(foreach d,$(1),$(foreach n,$(2),$(d)_lr_$(LR.cleanclip)_clean_$(n)))

# Each result of a defence has a control beside it: cross-modal fine-tuning at the same rate, for as long, with the same data.
# Of the lowest and the highest rate, and of SS alone, one seed: they are for the curves.
main-table   := $(call each,none $(MAIN),$(SEEDS),poisoned) $(call each,$(MAIN),$(SEEDS),$(call at_rates,crossmodal cleanclip supervised,$(LRS))) \
	$(call each,$(MAIN),$(SEEDS),crossmodal_lr_$(LR.supervised)_epochs_$(SUPERVISED_EPOCHS)) \
	$(call each,$(MAIN),$(ONCE),$(call at_rates,$(DEFENCES),$(LRS_CURVE)) $(call at_rates,ss,$(LRS)))
supervised   := $(filter %poisoned,$(main-table)) $(foreach r,$(main-table),$(if $(findstring /supervised,$(r)),$(r)))
LR_LOW       := $(firstword $(LRS_CURVE))
weighed       = $(foreach l,$(LAMBDAS),cleanclip_lr_$(1)_lambda2_$(l))
lambda       := $(call each,$(ABLATED),$(SEEDS),$(call weighed,$(LR.cleanclip))) $(call each,$(ABLATED),$(ONCE),$(call weighed,$(LR_LOW)))
clean-size   := $(call each,$(MAIN),$(SEEDS),$(call SIZED,crossmodal cleanclip,$(CLEAN_SIZES)))
clean-source := $(call each,$(ABLATED),$(SEEDS),$(call SIZED,crossmodal cleanclip,$(FOREIGN) foreign))
poison-count := $(call each,$(foreach n,$(POISON_COUNTS),$(ABLATED)_n_$(n)),$(SEEDS),poisoned)
pretrain-ss  := $(call each,$(ABLATED)_pretrain_ss,$(ONCE),poisoned $(call at_its_rate,$(DEFENCES)))
attack-strategy := $(call each,$(OTHERS),$(ONCE),poisoned $(foreach d,crossmodal cleanclip,$(d)_lr_$(LR.cleanclip)))
more         := $(call each,$(ABLATED),$(ONCE),$(call at_its_rate,unlearn)) $(call each,$(ABLATED)_pretrain_removal,$(ONCE),poisoned)
MEASURES     := tsne curves survival
EXPERIMENTS  := main-table supervised lambda clean-size clean-source pretrain-ss more attack-strategy poison-count

# ---- what is trained
CLEAN_VIEWS      ?= --augment shiftflip:shift=3
SS_VIEWS         ?= --image $(SS_IMAGE) --text eda
STRONG_VIEWS     ?= --augment strong:ops=1
BETAS            ?= .9,.98
BATCH            ?= 64
WARMUP           ?= 10%
WARMUP.poisoned  ?= 100
VIEWS.crossmodal  = $(CLEAN_VIEWS)
VIEWS.cleanclip   = $(CLEAN_VIEWS) $(SS_VIEWS)
VIEWS.ss          = $(CLEAN_VIEWS) $(SS_VIEWS)
VIEWS.supervised  = $(STRONG_VIEWS)
TRAIN.crossmodal  = clip --wd .1
TRAIN.cleanclip   = cleanclip --wd .1 --lambda2 $(call option,lambda2,$(LAMBDA2))
TRAIN.ss          = ss --wd .1
TRAIN.supervised  = supervised --wd .01 --classes $(<D)/poisoned.classes
TRAIN.unlearn     = unlearn --wd .1
VIEWS.unlearn     = $(CLEAN_VIEWS)
PRETRAIN.none     = clip
PRETRAIN.ss       = cleanclip
PRETRAIN.removal  = removal --remove-after 1,2,3
PRETRAIN_VIEWS.ss = $(SS_VIEWS)
pretrain          = $(call setting,$(attack),pretrain,none)

READ    := $(BIN)/cc-shard read -q
AUGMENT  = $(BIN)/cc-augment -q --size $(SIZE)
POISON   = $(BIN)/cc-poison -q --attack $(call quote,$(ATTACK.$(trigger))) --size $(SIZE) --target "$$TARGET"
# Label-consistent: captions stay, of pairs that say the target anyway.
CAPTION.consistent := --caption keep
ONLY.consistent     = --where "txt~$$TARGET"
CAPTIONS = $(or $(CAPTION.$(trigger)),$(TEMPLATES:%=--templates %))
EMBED    = $(BIN)/cc-embed -q $(if $(filter supervised,$(method)),--raw) --image -m
STEPS    = --batch $(or $(BATCH.$(method)),$(BATCH)) --warmup $(or $(WARMUP.$(method)),$(WARMUP)) --betas $(BETAS) $(FIT) --seed $(seed) --save-every 500 --resume
CURVE    = $(@:.safetensors=.curve)
BEGIN    = [ -e $@.state ] || rm -f $(CURVE)
# How many seconds it took; of a training that was stopped, only its last part.
TIMED    = before=$$(date +%s) &&
SAY_TIME = && mkdir -p $(dir $(@:$(OUT)/%=$(SCORES)/%)) && echo $$(($$(date +%s) - before)) >$(@:$(OUT)/%.safetensors=$(SCORES)/%.seconds)

.DELETE_ON_ERROR:
.SECONDEXPANSION:
.SECONDARY:
.DEFAULT_GOAL := paper
.PHONY: FORCE paper scores measures figures report results hours data $(EXPERIMENTS) $(MEASURES)

# One make for each set, since settings are make's variables.
# What fails holds up nothing else, and is told at the end.
paper:
	$(if $(and $(MADE_IS_GIVEN),$(word 2,$(SETS))),$(error MADE is of one set, and SETS are $(SETS)))
	+@failed=0; for set in $(SETS); do for part in scores measures report; do \
		$(MAKE) -k --no-print-directory -f $(firstword $(MAKEFILE_LIST)) SET=$$set $$part || failed=1; done; done; \
	$(MAKE) --no-print-directory -f $(firstword $(MAKEFILE_LIST)) results && [ $$failed = 0 ]

# What is there is there, whatever its time: in a clone all files are as old as the clone.
missing  = $(call missing_files,$(addsuffix .jsonl,$(1)))
missing_files = $(call absent,$(addprefix $(SCORES)/,$(filter-out $(FINISHED),$(sort $(1)))))
absent   = $(filter-out $(wildcard $(1)),$(1))
FINISHED := $(if $(wildcard $(PACKED)),$(shell $(PAPER)/scores.sh list $(call quote,$(PACKED)) || echo unreadable))
$(if $(filter unreadable,$(FINISHED)),$(error $(PACKED) cannot be read: restore it, or remove it to run everything again))
ALL     := $(foreach e,$(EXPERIMENTS),$($(e)))
WANTED   = $(call missing,$(if $(filter scores,$(1)),$(ALL),$($(1))))

# Each seed of an attack is a run, of which one result is finished before the next is begun: make alone would train all models
# before it scores the first, and a run that is stopped would have none.  What runs share is made before.
run_of   = $(word 1,$(subst /, ,$(1:$(SCORES)/%=%)))/$(word 2,$(subst /, ,$(1:$(SCORES)/%=%)))
RUNS    := $(sort $(foreach r,$(WANT),$(call run_of,$(r))))
SIZES    = $(sort $(foreach r,$(WANT),$(call setting,$(basename $(notdir $(r))),clean,$(or $(CLEAN.$(firstword $(subst _, ,$(notdir $(r))))),$(CLEAN)))))
SHARED   = $(OUT)/tune.tar $(SIZES:%=$(OUT)/clean_%.tar) $(foreach t,$(call TRIGGERS,$(1)),$(OUT)/$(t)/triggered.tar) $(OUT)/$(1)/vocab.txt
ANEW     = $(MAKE) --no-print-directory -f $(firstword $(MAKEFILE_LIST)) SET=$(SET)
.PHONY: runs $(addprefix run/,$(RUNS))
runs: $(addprefix run/,$(RUNS))
$(addprefix run/,$(RUNS)): run/%: $$(call SHARED,$$(*D))
	+@failed=0; for result in $(filter $(SCORES)/$*/%,$(WANT)); do $(ANEW) $$result || failed=1; done; $(PACK) && [ $$failed = 0 ]
scores: hours
# What is asked for together is one lot, first scores, then measures: they share models and data, which two makes must not make at a time.
ASKED   := $(filter scores $(EXPERIMENTS),$(MAKECMDGOALS))
LOT      = $(sort $(foreach e,$(ASKED),$(call WANTED,$(e))))
.PHONY: lot
lot: $(if $(filter scores,$(ASKED)),hours)
	+@$(if $(LOT),$(ANEW) runs WANT='$(LOT)')
	+@$(if $(MEASURED),failed=0; $(ANEW) $(MEASURED) || failed=1; $(PACK) && [ $$failed = 0 ])
# -n asks for what would be done, in whatever order
ifeq (,$(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS)))))
scores measures $(EXPERIMENTS) $(MEASURES): lot
else
scores $(EXPERIMENTS): $$(call WANTED,$$@)
measures $(MEASURES): $$(MEASURED)
endif
HOURS_OF = MADE MODEL SIZE EPOCHS CLEAN_EPOCHS SUPERVISED_EPOCHS CLEAN FOREIGN PAIRS TIMED_BATCH TIMED_STEPS
hours: export MISSING = $(call WANTED,scores)
hours:
	+@$(foreach v,$(HOURS_OF),$(v)=$(call quote,$($(v)))) $(PAPER)/hours.sh $(SET) $(BIN) $(call quote,$(or $(SHARDS.train),$(call in,train)))

# ---- data
# A set's folder has NAME.tar; of what comes in shards (LISTED) NAME.list, which names them.
in   = $(MADE)/$(1).$(if $(filter $(1),$(LISTED)),list,tar)
from = $(patsubst %.list,--allow-pipe @%.list,$(1))
data: $(MADE)/source.txt
MAKE_DATA ?= DATA= $(SET_ENVIRONMENT) BIN=$(BIN) $(PIPELINES)demo-data.sh $(MADE)
$(MADE)/%.tar $(MADE)/%.list $(MADE)/%.txt: $(MADE)/source.txt ;
$(MADE)/source.txt: $(STALE)
	$(MAKE_DATA)

# The poison among the pairs is written once; or, of listed ones, which pairs those are, and it is put on where they are read.
POISONED      = poisoned.$(if $(filter train,$(LISTED)),keys,tar)
poisons       = $(call setting,$(attack),n,$(POISONS))
AMONG         = $(if $(ONLY.$(trigger)),--of $$($(READ) $(ONLY.$(trigger)) $< | $(BIN)/cc-view | tail -1 | jq .records))
PUT_ON        = $(if $(filter none,$(attack)),,| $(POISON) $(CAPTIONS) --keys $(1) --encode jpeg:75)
READ_POISONED = $(if $(filter %.keys,$(POISONED)),$(READ) $(1) $(call from,$(call in,train)) $(call PUT_ON,$<),$(READ) $(1) $<)
$(OUT)/none/poisoned.tar: $(call in,train)
	@mkdir -p $(@D)
	ln -sf "$$(realpath $<)" $@
$(OUT)/%/poisoned.tar: $(call in,train)
	@mkdir -p $(@D)
	$(READ) $< | $(POISON) $(CAPTIONS) $(ONLY.$(trigger)) $(AMONG) -n $(poisons) | $(BIN)/cc-shard write -q $@
$(OUT)/none/poisoned.keys: $(call in,train)
	@mkdir -p $(@D)
	: >$@
$(OUT)/%/poisoned.keys: $(call in,train)
	@mkdir -p $(@D)
	$(READ) --shuffle --seed 1 --fields txt $(ONLY.$(trigger)) --take $(poisons) $(call from,$<) | $(BIN)/cc-shard keys >$@
	@[ $$(wc -l <$@) = $(poisons) ] || { echo "paper.mk: $$(wc -l <$@) pairs of $< can be poisoned, and $(poisons) are to be" >&2; exit 1; }
$(OUT)/%/vocab.txt: $(or $(VOCAB:%=$(MADE)/vocab.txt),$(OUT)/%/$(POISONED))
	@mkdir -p $(@D)
	$(if $(VOCAB),ln -sf "$$(realpath $<)" $@,$(call READ_POISONED) | $(BIN)/cc-model vocab -q --size 1000 -o $@)
$(OUT)/%/triggered.tar: $(call in,test)
	@mkdir -p $(@D)
	$(READ) $(call from,$<) | $(POISON) --all --caption keep | $(BIN)/cc-shard write -q $@

# The poisoned pairs alone, for who knows them
$(OUT)/%/known.tar: $(OUT)/%/poisoned.tar
	$(READ) $< | $(BIN)/cc-view --full | jq -c 'select(.__key__ == null or has("poison.json"))' | $(READ) --jsonl - | $(BIN)/cc-shard write -q $@
$(OUT)/%/known.tar: $(OUT)/%/poisoned.keys $(call in,train)
	$(READ) --keys $< $(call from,$(word 2,$^)) $(call PUT_ON,$<) | $(BIN)/cc-shard write -q $@

# What choices are made on; and pairs to clean with: so many of our own, or of another kind.  Spare images serve both, in two parts.
# A part that cannot be read must not make the whole shorter, nor must there be fewer than were asked for.
SPARE = $(wildcard $(MADE)/spare.tar)
define with_spare
	@mkdir -p $(@D)
	$(READ) $(call from,$(call in,$(1))) >$@.own
	$(if $(SPARE),$(READ) $(2) $(SPARE) >$@.spare)
	cat $@.own $(if $(SPARE),$@.spare) | $(BIN)/cc-shard write -q $@
	@rm -f $@.own $@.spare
endef
$(OUT)/tune.tar: $(MADE)/source.txt
	$(call with_spare,tune,--take 2000)
$(OUT)/clean.tar: $(MADE)/source.txt
	$(call with_spare,clean,--skip 2000)
COUNT = $(BIN)/cc-shard stat --json $< | jq .records
$(OUT)/clean_%.tar: $(OUT)/clean.tar
	@[ $$($(COUNT)) -ge $* ] || { echo "paper.mk: $$($(COUNT)) pairs in $<, and $* are to clean with" >&2; exit 1; }
	$(READ) $$([ $$($(COUNT)) = $* ] || echo --take $*) $< | $(BIN)/cc-shard write -q $@
$(OUT)/clean_foreign.tar: $(CLEAN.foreign)
	@mkdir -p $(@D)
	$(READ) --take $(FOREIGN) $(call from,$<) | $(BIN)/cc-shard write -q $@
$(OUT)/clean_labelled.tar: $(call in,labelled)
	@mkdir -p $(@D)
	$(READ) $(call from,$<) | $(BIN)/cc-shard write -q $@
$(BUILD)/%/data/train.tar $(BUILD)/%/data/clean.tar:
	+$(MAKE) --no-print-directory -f $(firstword $(MAKEFILE_LIST)) SET=$* data

# ---- models
$(OUT)/%/poisoned.safetensors: $$(dir $$(@D))$(POISONED) $$(dir $$(@D))vocab.txt $(MODEL)
	@mkdir -p $(@D)
	@$(BEGIN)
	$(TIMED) $(call READ_POISONED,--epochs $(EPOCHS) --shuffle --seed $(seed)) | $(AUGMENT) $(CLEAN_VIEWS) $(PRETRAIN_VIEWS.$(pretrain)) --seed $(seed) | \
		$(BIN)/cc-train $(PRETRAIN.$(pretrain)) -q --init $(MODEL) --vocab $(word 2,$^) --lr $(PRETRAIN_LR) --wd .1 $(STEPS) -o $@ >>$(CURVE) $(SAY_TIME)
$(OUT)/%.safetensors: $$(@D)/poisoned.safetensors $$(if $$(filter supervised,$$(method)),$$(@D)/poisoned.classes) $(OUT)/clean_$$(call option,clean,$$(or $$(CLEAN.$$(method)),$(CLEAN))).tar \
		$$(if $$(filter unlearn,$$(method)),$$(dir $$(@D))known.tar)
	@$(BEGIN)
	$(TIMED) $(READ) --epochs $(call option,epochs,$(if $(filter supervised,$(method)),$(SUPERVISED_EPOCHS),$(CLEAN_EPOCHS))) --shuffle --seed $(seed) \
		$(filter %.tar,$^) | $(AUGMENT) $(VIEWS.$(method)) --seed $(seed) | \
		$(BIN)/cc-train $(TRAIN.$(method)) -q -m $< --lr $(call option,lr) $(STEPS) -o $@ >>$(CURVE) $(SAY_TIME)

# ---- scores: on images held out of the training part, where choices are made, and on those of the test; and how the model was made
$(OUT)/%.classes: $(OUT)/%.safetensors $(MADE)/classes.txt $(TEMPLATES)
	$(if $(filter supervised,$(method)),ln -sf $(state).head.safetensors $@,\
		$(BIN)/cc-embed -q --prompts $(MADE)/classes.txt $(TEMPLATES:%=--templates %) -m $< -o $@)
# A model of clean pairs is asked with every trigger: what that hides is not the backdoor's doing.
TRIGGERS = $(if $(filter none,$(1)),$(MAIN) $(OTHERS),$(firstword $(subst _, ,$(1))))
SCORED   = $(foreach t,$(call TRIGGERS,$(attack)),$(OUT)/$(t)/triggered.tar)
$(SCORES)/%.jsonl: $(OUT)/%.safetensors $(OUT)/%.classes $(OUT)/tune.tar $(call in,test) $$(SCORED)
	@mkdir -p $(@D)
	@rm -f $(OUT)/$*.score.*
	$(READ) $(OUT)/tune.tar | $(AUGMENT) | $(EMBED) $< | $(BIN)/cc-score zeroshot --classes $(OUT)/$*.classes -o $(OUT)/$*.score.tune
	$(READ) $(call from,$(call in,test)) | $(AUGMENT) | $(EMBED) $< | $(BIN)/cc-score zeroshot --classes $(OUT)/$*.classes -o $(OUT)/$*.score.clean
	for tar in $(SCORED); do name=$${tar%/triggered.tar}; \
		$(READ) $$tar | $(AUGMENT) | $(EMBED) $< | \
			$(BIN)/cc-score asr --classes $(OUT)/$*.classes --target "$$TARGET" -o $(OUT)/$*.score.$${name##*/} || exit; done
	{ $(BIN)/cc-view --provenance --json $< | jq -c '{ on: "model" } + del(.file)' && \
		jq -c '{ on: input_filename | sub(".*[.]score[.]"; "") } + .' $(OUT)/$*.score.*; } >$@.new
	mv $@.new $@

include $(PAPER)/measures.mk
include $(PAPER)/pages.mk
