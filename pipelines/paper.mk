# The publication as a make graph: attacks, defences, ablations and figures, one data set after the other.
#
#	make -C pipelines paper                              everything; results whose scores are in results/paper are not repeated
#	make -C pipelines paper DATA=FOLDER                  take CIFAR-10 from FOLDER/cifar10/{train,test}.tar (default: see demo-data.sh)
#	make -C pipelines paper SETS=cifar10 SEEDS="1 2 3"   one data set only
#	make -C pipelines -n paper                           print the commands and an estimate of the hours
#	make -C pipelines lambda SET=drawings                one experiment (column 1 of paper/experiments.tsv)
#
# paper/experiments.tsv lists the runs and their settings; paper/SET.mk has the values for a data set.  paper/runs.jq combines
# them into runs, each with a name, RUN (ATTACK/SEED/METHOD..).  $(OUT)/RUN.safetensors is its model, $(SCORES)/RUN.jsonl its
# scores and RUN.run.json its settings.  Finished scores move into one small file, $(RESULTS)/scores.jsonl (see paper/scores.jq),
# which is committed: a run can be resumed on another machine, and tables and figures need no model.
PIPELINES := $(dir $(lastword $(MAKEFILE_LIST)))
PAPER     := $(PIPELINES)paper
include $(PIPELINES)common.mk
$(call literal,SETS SET BUILD STORE MADE DATA)
SETS      ?= cifar10 drawings
SET       ?= $(firstword $(SETS))
SEEDS     ?= 1 2 3
LAMBDAS   ?= .5 1 2 4 8
BUILD     ?= build/paper
# Results belong next to these files, in the source tree; where they are installed, into BUILD.
RESULTS_HOME := $(if $(wildcard $(PIPELINES)results),$(PIPELINES),$(BUILD)/)
STORE     ?= $(RESULTS_HOME)results/paper
MADE_IS_GIVEN := $(MADE)
MADE      ?= $(BUILD)/$(SET)/data
OUT       := $(BUILD)/$(SET)
RESULTS   := $(STORE)/$(SET)
FIGURES   := $(RESULTS)/figures
PACKED    := $(RESULTS)/scores.jsonl
# Scores that are not packed yet
SCORES    := $(OUT)/scores
PACK       = $(PAPER)/scores.sh pack $(call quote,$(PACKED)) $(SCORES)
$(call check_settings,demo-data.sh download.sh paper/*.mk paper/*.sh paper/experiments.tsv)
$(call one_name,SET BUILD STORE MADE)
$(call words_only,SETS)
$(call numbers,SEEDS)
# "1 01" is one seed.
override SEEDS := $(shell printf '%s\n' $(SEEDS) | awk '{ print $$1 + 0 }' | sort -nu)
ONCE      := $(firstword $(SEEDS))

include $(PAPER)/$(SET).mk
# Defaults for a data set that does not set them
TEMPLATES        ?= $(PIPELINES)templates/captions.txt
MODEL            ?= $(PIPELINES)models/tiny.json
SIZE             ?= 32
CLEAN.supervised ?= $(CLEAN)
LR_LOW           := $(firstword $(LRS_CURVE))
# The settings that experiments.tsv names: words that begin with a capital letter
SETTINGS := $(sort $(filter $(addsuffix %,A B C D E F G H I J K L M N O P Q R S T U V W X Y Z),$(file <$(PAPER)/experiments.tsv)))
$(call one_name,TEMPLATES MODEL CLEAN.foreign)
$(call words_only,$(SETTINGS) PAIRS)
$(call numbers,SIZE EPOCHS CLEAN_EPOCHS SUPERVISED_EPOCHS TIMED_BATCH TIMED_STEPS)
$(call literal,TARGET $(filter ATTACK.%,$(.VARIABLES)))
# Class names may contain quotes, so the target goes to the shell in the environment.
export TARGET
# demo-data.sh gives DATA another meaning.
unexport DATA

$(foreach s,$(SETTINGS),$(if $(filter undefined,$(origin $(s))),$(error $(PAPER)/experiments.tsv names $(s), which $(PAPER)/$(SET).mk does not set)))

# ---- the runs
# EXPERIMENT lists the runs of an experiment; COLUMN.RUN is a setting of a run, COLUMN.FOLDER one of its poisoned data.
LIST_RUNS = jq -nR --arg set $(SET) --arg format $(1) -f $(PAPER)/runs.jq $(PAPER)/experiments.tsv --args $(foreach s,$(SETTINGS),$(call quote,$(s)=$($(s))))
$(foreach assignment,$(or $(shell $(call LIST_RUNS,make) -r || echo failed:=yes),failed:=yes),$(eval $(assignment)))
$(if $(failed),$(error the runs of $(PAPER)/experiments.tsv cannot be listed))
EXPERIMENTS := $(filter-out experiment default measured,$(shell cut -f 1 $(PAPER)/experiments.tsv | uniq))
MEASURES    := tsne curves survival
run          = $(@:$(OUT)/%.safetensors=%)
# $(call setting,COLUMN,RUN)
setting      = $(or $($(1).$(2)),$(error $(2) is not a run of $(PAPER)/experiments.tsv))
seed         = $(call setting,seed,$(run))
method       = $(call setting,method,$(run))

# ---- how a model is trained
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
TRAIN.cleanclip   = cleanclip --wd .1 --lambda2 $(call setting,lambda2,$(run))
TRAIN.ss          = ss --wd .1
TRAIN.supervised  = supervised --wd .01 --classes $(<D)/poisoned.classes
TRAIN.unlearn     = unlearn --wd .1
VIEWS.unlearn     = $(CLEAN_VIEWS)
PRETRAIN.none     = clip
PRETRAIN.ss       = cleanclip
PRETRAIN.removal  = removal --remove-after 1,2,3
PRETRAIN_VIEWS.ss = $(SS_VIEWS)

READ    := $(BIN)/cc-shard read -q
AUGMENT  = $(BIN)/cc-augment -q --size $(SIZE)
# $(call POISON,ATTACK): poison with an attack
POISON   = $(BIN)/cc-poison -q --attack $(call quote,$(ATTACK.$(1))) --size $(SIZE) --target "$$TARGET"
# Label-consistent: only pairs whose caption names the target are poisoned, and captions are kept.
CAPTION.consistent := --caption keep
ONLY.consistent     = --where "txt~$$TARGET"
CAPTIONS = $(or $(CAPTION.$(1)),$(TEMPLATES:%=--templates %))
EMBED    = $(BIN)/cc-embed -q $(if $(filter supervised,$(call setting,method,$*)),--raw) --image -m
STEPS    = --batch $(or $(BATCH.$(method)),$(BATCH)) --warmup $(or $(WARMUP.$(method)),$(WARMUP)) --betas $(BETAS) $(FIT) --seed $(seed) --save-every 500 --resume
CURVE    = $(@:.safetensors=.curve)
# A new training begins a new curve.
BEGIN    = [ -e $@.state ] || rm -f $(CURVE)
# Wall-clock seconds; for a resumed training only the last part counts.
TIMED    = before=$$(date +%s) &&
SAVE_TIME = && mkdir -p $(dir $(@:$(OUT)/%=$(SCORES)/%)) && echo $$(($$(date +%s) - before)) >$(@:$(OUT)/%.safetensors=$(SCORES)/%.seconds)

.DELETE_ON_ERROR:
.SECONDEXPANSION:
.SECONDARY:
.DEFAULT_GOAL := paper
.PHONY: FORCE paper scores measures figures report results hours data $(EXPERIMENTS) $(MEASURES)

# One make per data set, because its settings are make variables.
# A failure does not stop the other sets and parts; the exit status reports it at the end.
paper:
	$(if $(and $(MADE_IS_GIVEN),$(word 2,$(SETS))),$(error MADE holds one data set, but SETS names several: $(SETS)))
	+@failed=0; for set in $(SETS); do for part in scores measures report; do \
		$(MAKE) -k --no-print-directory -f $(firstword $(MAKEFILE_LIST)) SET=$$set $$part || failed=1; done; done; \
	$(MAKE) --no-print-directory -f $(firstword $(MAKEFILE_LIST)) results && [ $$failed = 0 ]

# An existing result counts as finished; timestamps are ignored, because in a clone all files have the same age.
missing  = $(call missing_files,$(addsuffix .jsonl,$(1)))
missing_files = $(call absent,$(addprefix $(SCORES)/,$(filter-out $(FINISHED),$(sort $(1)))))
absent   = $(filter-out $(wildcard $(1)),$(1))
FINISHED := $(if $(wildcard $(PACKED)),$(shell $(PAPER)/scores.sh list $(call quote,$(PACKED)) || echo unreadable))
$(if $(filter unreadable,$(FINISHED)),$(error $(PACKED) cannot be read: restore it, or remove it to run everything again))
ALL     := $(foreach e,$(EXPERIMENTS),$($(e)))
WANTED   = $(call missing,$(if $(filter scores,$(1)),$(ALL),$($(1))))

# The runs of one attack and seed form a group.  Each result of a group is finished before the next one begins: make alone would
# train all models before it scores the first, and an interrupted run would have no scores.  What groups share is made first.
result_run = $(patsubst $(SCORES)/%.jsonl,%,$(1))
group_of = $(patsubst %/,%,$(dir $(result_run)))
GROUPS  := $(sort $(foreach r,$(WANT),$(call group_of,$(r))))
SIZES    = $(sort $(foreach r,$(WANT),$(clean.$(call result_run,$(r)))))
SHARED   = $(OUT)/tune.tar $(SIZES:%=$(OUT)/clean_%.tar) $(foreach t,$(call TRIGGERS,$(1)),$(OUT)/$(t)/triggered.tar) $(OUT)/$(1)/vocab.txt
SUBMAKE  = $(MAKE) --no-print-directory -f $(firstword $(MAKEFILE_LIST)) SET=$(SET)
.PHONY: groups $(addprefix group/,$(GROUPS))
groups: $(addprefix group/,$(GROUPS))
$(addprefix group/,$(GROUPS)): group/%: $$(call SHARED,$$(*D))
	+@failed=0; for result in $(filter $(SCORES)/$*/%,$(WANT)); do $(SUBMAKE) $$result || failed=1; done; $(PACK) && [ $$failed = 0 ]
scores: hours
# All goals of one command line form one lot, first scores, then measures: they share models and data, which two makes must not
# write at the same time.
REQUESTED := $(filter scores $(EXPERIMENTS),$(MAKECMDGOALS))
LOT      = $(sort $(foreach e,$(REQUESTED),$(call WANTED,$(e))))
.PHONY: lot
lot: $(if $(filter scores,$(REQUESTED)),hours)
	+@$(if $(LOT),$(SUBMAKE) groups WANT='$(LOT)')
	+@$(if $(MEASURED),failed=0; $(SUBMAKE) $(MEASURED) || failed=1; $(PACK) && [ $$failed = 0 ])
# With -n the order does not matter.
ifeq (,$(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS)))))
scores measures $(EXPERIMENTS) $(MEASURES): lot
else
scores $(EXPERIMENTS): $$(call WANTED,$$@)
measures $(MEASURES): $$(MEASURED)
endif
hours: export MISSING = $(call result_run,$(call WANTED,scores))
hours:
	+@$(call LIST_RUNS,json) -c | $(foreach v,MADE MODEL SIZE CLEAN FOREIGN PAIRS TIMED_BATCH TIMED_STEPS,$(v)=$(call quote,$($(v)))) \
		$(PAPER)/hours.sh $(SET) $(BIN) $(call quote,$(or $(SHARDS.train),$(call in,train)))

# ---- data
# $(MADE) has NAME.tar, or, for data that are read in place (LISTED), NAME.list with the names of the shards.
in   = $(MADE)/$(1).$(if $(filter $(1),$(LISTED)),list,tar)
from = $(patsubst %.list,--allow-pipe @%.list,$(1))
data: $(MADE)/source.txt
MAKE_DATA ?= DATA= $(SET_ENVIRONMENT) BIN=$(BIN) $(PIPELINES)demo-data.sh $(MADE)
$(MADE)/%.tar $(MADE)/%.list $(MADE)/%.txt: $(MADE)/source.txt ;
$(MADE)/source.txt: $(STALE)
	$(MAKE_DATA)

# The poisoned training set is written once.  If the training set is read in place, only the keys of the poisoned pairs are
# written, and the trigger is added when the pairs are read.
POISONED      = poisoned.$(if $(filter train,$(LISTED)),keys,tar)
attack        = $(call setting,attack,$(patsubst %/,%,$(dir $(<:$(OUT)/%=%))))
poisons       = $(call setting,poisons,$*)
AMONG         = $(if $(ONLY.$(1)),--of $$($(READ) $(ONLY.$(1)) $< | $(BIN)/cc-view | tail -1 | jq .records))
ADD_TRIGGER   = $(if $(filter none,$(attack)),,| $(call POISON,$(attack)) $(call CAPTIONS,$(attack)) --keys $(1) --encode jpeg:75)
READ_POISONED = $(if $(filter %.keys,$(POISONED)),$(READ) $(1) $(call from,$(call in,train)) $(call ADD_TRIGGER,$<),$(READ) $(1) $<)
$(OUT)/none/poisoned.tar: $(call in,train)
	@mkdir -p $(@D)
	ln -sf "$$(realpath $<)" $@
$(OUT)/%/poisoned.tar: $(call in,train)
	@mkdir -p $(@D)
	$(READ) $< | $(call POISON,$(attack.$*)) $(call CAPTIONS,$(attack.$*)) $(ONLY.$(attack.$*)) $(call AMONG,$(attack.$*)) -n $(poisons) | $(BIN)/cc-shard write -q $@
$(OUT)/none/poisoned.keys: $(call in,train)
	@mkdir -p $(@D)
	: >$@
$(OUT)/%/poisoned.keys: $(call in,train)
	@mkdir -p $(@D)
	$(READ) --shuffle --seed 1 --fields txt $(ONLY.$(attack.$*)) --take $(poisons) $(call from,$<) | $(BIN)/cc-shard keys >$@
	@[ $$(wc -l <$@) = $(poisons) ] || { echo "paper.mk: $$(wc -l <$@) pairs of $< can be poisoned, but $(poisons) are needed" >&2; exit 1; }
$(OUT)/%/vocab.txt: $(or $(VOCAB:%=$(MADE)/vocab.txt),$(OUT)/%/$(POISONED))
	@mkdir -p $(@D)
	$(if $(VOCAB),ln -sf "$$(realpath $<)" $@,$(call READ_POISONED) | $(BIN)/cc-model vocab -q --size 1000 -o $@)
$(OUT)/%/triggered.tar: $(call in,test)
	@mkdir -p $(@D)
	$(READ) $(call from,$<) | $(call POISON,$*) --all --caption keep | $(BIN)/cc-shard write -q $@

# The poisoned pairs alone, for unlearning
$(OUT)/%/known.tar: $(OUT)/%/poisoned.tar
	$(READ) $< | $(BIN)/cc-view --full | jq -c 'select(.__key__ == null or has("poison.json"))' | $(READ) --jsonl - | $(BIN)/cc-shard write -q $@
$(OUT)/%/known.tar: $(OUT)/%/poisoned.keys $(call in,train)
	$(READ) --keys $< $(call from,$(word 2,$^)) $(call ADD_TRIGGER,$<) | $(BIN)/cc-shard write -q $@

# tune.tar: held-out images that choices are made on.  clean.tar: pairs to clean with.  Spare images are divided between the two.
# A part that cannot be read is an error, and so are fewer pairs than asked for: neither may silently shorten a set.
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
	@[ $$($(COUNT)) -ge $* ] || { echo "paper.mk: $$($(COUNT)) pairs in $<, but cleaning needs $*" >&2; exit 1; }
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
	$(TIMED) $(call READ_POISONED,--epochs $(call setting,epochs,$(run)) --shuffle --seed $(seed)) | $(AUGMENT) $(CLEAN_VIEWS) $(PRETRAIN_VIEWS.$(pretrain.$(run))) --seed $(seed) | \
		$(BIN)/cc-train $(PRETRAIN.$(call setting,pretrain,$(run))) -q --init $(MODEL) --vocab $(word 2,$^) --lr $(call setting,lr,$(run)) --wd .1 $(STEPS) -o $@ >>$(CURVE) $(SAVE_TIME)
$(OUT)/%.safetensors: $$(@D)/poisoned.safetensors $$(if $$(filter supervised,$$(method.$$*)),$$(@D)/poisoned.classes) $(OUT)/clean_$$(clean.$$*).tar \
		$$(if $$(filter unlearn,$$(method.$$*)),$$(dir $$(@D))known.tar)
	@$(BEGIN)
	$(TIMED) $(READ) --epochs $(call setting,epochs,$(run)) --shuffle --seed $(seed) $(filter %.tar,$^) | $(AUGMENT) $(VIEWS.$(method)) --seed $(seed) | \
		$(BIN)/cc-train $(TRAIN.$(method)) -q -m $< --lr $(call setting,lr,$(run)) $(STEPS) -o $@ >>$(CURVE) $(SAVE_TIME)

# ---- scores: on the held-out images that choices are made on, and on the test images; and how the model was made
$(OUT)/%.classes: $(OUT)/%.safetensors $(MADE)/classes.txt $(TEMPLATES)
	$(if $(filter supervised,$(call setting,method,$*)),ln -sf $(*F).head.safetensors $@,\
		$(BIN)/cc-embed -q --prompts $(MADE)/classes.txt $(TEMPLATES:%=--templates %) -m $< -o $@)
# A model trained without poison is tested with every trigger: what it gets wrong is due to the picture, not to a backdoor.
TRIGGERS = $(if $(filter none,$(1)),$(MAIN) $(OTHERS),$(attack.$(1)))
SCORED   = $(foreach t,$(call TRIGGERS,$(attack.$*)),$(OUT)/$(t)/triggered.tar)
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
	jq -n $(foreach c,$(COLUMNS),$(if $($(c).$*),--arg $(c) $($(c).$*))) -c '$$ARGS.named' >$(SCORES)/$*.run.json
	mv $@.new $@

include $(PAPER)/measures.mk
include $(PAPER)/pages.mk
