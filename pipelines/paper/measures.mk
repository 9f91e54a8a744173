# Measures of models and triggers other than accuracy and attack success: files under $(SCORES), which are packed into scores.jsonl,
# and pictures.
#
#	RUN.measures.json       { distance, uniformity, retrieval, probe }: scores of the embeddings, by cc-score
#	RUN.curve               about a hundred steps of the training
#	RUN.made.json           the pipe that made the model
#	triggers/ATTACK.jsonl   how much of a trigger survives JPEG, a resize or a crop
#	figures/tsne/RUN.svg    t-SNE map of 500 test images with and without the trigger
PROBE_EPOCHS ?= 5
PROBED       ?= $(OUT)/clean.tar
MAP_IMAGES    = 500

tsne         := $(measured:%=%.measures.json)
curves       := $(foreach m,$(measured),$(m).curve $(m).made.json)
survival     := $(foreach a,$(MAIN) $(filter-out consistent,$(OTHERS)),triggers/$(a).jsonl)
# The files of the measures in the goals
MEASURED      = $(strip $(call missing_files,$(foreach m,$(if $(filter measures,$(MAKECMDGOALS)),$(MEASURES),$(filter $(MEASURES),$(MAKECMDGOALS))),$($(m)))) \
	$(if $(filter measures tsne,$(MAKECMDGOALS)),$(call absent,$(measured:%=$(FIGURES)/tsne/%.svg))))

# A model trained without poison is tested with the trigger of the ablations.
tested_with  = $(OUT)/$(or $(filter-out none,$(attack.$*)),$(ABLATED))/triggered.tar
IMAGES       = --image --text -m $<

$(SCORES)/%.measures.json $(FIGURES)/tsne/%.svg: $(OUT)/%.safetensors $(call in,test) $(PROBED) $$(tested_with)
	@mkdir -p $(dir $(SCORES)/$* $(FIGURES)/tsne/$*)
	$(READ) --take $(MAP_IMAGES) $(call from,$(call in,test)) | $(AUGMENT) | $(BIN)/cc-embed -q $(IMAGES) -o $(OUT)/$*.clean.emb
	$(READ) --take $(MAP_IMAGES) $(tested_with) | $(AUGMENT) | $(BIN)/cc-embed -q $(IMAGES) -o $(OUT)/$*.triggered.emb
	$(READ) --epochs $(PROBE_EPOCHS) --shuffle --seed $(seed.$*) $(PROBED) | $(AUGMENT) $(CLEAN_VIEWS) --seed $(seed.$*) | \
		$(BIN)/cc-train probe -q -m $< --batch $(or $(BATCH.probe),$(BATCH)) --seed $(seed.$*) -o $(OUT)/$*.probe.safetensors >/dev/null
	$(READ) $(call from,$(call in,test)) | $(AUGMENT) | $(BIN)/cc-embed -q --raw --image -m $< | \
		$(BIN)/cc-score zeroshot --classes $(OUT)/$*.probe.head.safetensors -o $(OUT)/$*.measure.probe
	$(BIN)/cc-score distance --with $(OUT)/$*.clean.emb $(OUT)/$*.triggered.emb -o $(OUT)/$*.measure.distance
	$(BIN)/cc-score uniformity $(OUT)/$*.clean.emb -o $(OUT)/$*.measure.uniformity
	$(BIN)/cc-score retrieval $(OUT)/$*.clean.emb -o $(OUT)/$*.measure.retrieval
	$(BIN)/cc-view tsne -q -o $(FIGURES)/tsne/$*.svg clean=$(OUT)/$*.clean.emb triggered=$(OUT)/$*.triggered.emb
	jq -nc 'reduce inputs as $$score ({}; . + { ($$score.metric | if . == "zeroshot" then "probe" else . end): $$score })' $(OUT)/$*.measure.* >$(SCORES)/$*.measures.json.new
	mv $(SCORES)/$*.measures.json.new $(SCORES)/$*.measures.json
	@rm -f $(OUT)/$*.measure.* $(OUT)/$*.probe.*

$(SCORES)/%.made.json: $(OUT)/%.safetensors
	@mkdir -p $(@D)
	$(BIN)/cc-view --provenance --json $< -o $@
$(SCORES)/%.curve: $(OUT)/%.safetensors
	@mkdir -p $(@D)
	awk 'NR == FNR { all++; next } FNR % int(1 + all / 100) == 0 || FNR == all' $(OUT)/$*.curve $(OUT)/$*.curve >$@.new
	mv $@.new $@

# The difference that a trigger makes, before and after processing.  Both images of a pair get the same crop.  JPEG adds noise of its
# own, so what survives it is projected on the difference before.
ENCODE.nothing = raw
ENCODE.jpeg    = jpeg:75
ENCODE.resize  = raw
ENCODE.crop    = raw
AFTER.nothing  = --size $(SIZE)
AFTER.jpeg     = --size $(SIZE)
AFTER.resize   = --size $$(($(SIZE) * 3 / 4))
AFTER.crop     = --size $(SIZE) --augment rrc:scale=.5,flip=0
BEFORE.jpeg    = --before $(of_trigger).before
of_trigger     = $(OUT)/triggers/$*
define survives
	$(BIN)/cc-poison -q -a $(call quote,$(ATTACK.$*)) --size $(SIZE) --all --caption keep --encode $(ENCODE.$(1)) $(of_trigger).clean >$(of_trigger).with
	$(BIN)/cc-augment -q $(AFTER.$(1)) $(of_trigger).clean >$(of_trigger).seen
	$(BIN)/cc-augment -q $(AFTER.$(1)) $(of_trigger).with | $(BIN)/cc-score trigger $(BEFORE.$(1)) --with $(of_trigger).seen -o $(of_trigger).after.$(1)

endef
$(SCORES)/triggers/%.jsonl: $(call in,test)
	@mkdir -p $(@D) $(OUT)/triggers
	$(READ) --take 200 $(call from,$<) | $(AUGMENT) >$(of_trigger).clean
	$(call survives,nothing)mv $(of_trigger).with $(of_trigger).before
	$(foreach b,jpeg resize crop,$(call survives,$(b)))
	jq -c '{ after: input_filename | sub(".*[.]after[.]"; "") } + .' $(of_trigger).after.* >$@.new
	mv $@.new $@
	@rm -f $(of_trigger).*

# Test images, the same with the trigger, and their difference, amplified
$(OUT)/sheets/%.png: $(call in,test)
	@mkdir -p $(@D)
	$(READ) --take 6 $(call from,$<) >$@.clean
	$(BIN)/cc-poison -q -a $(call quote,$(ATTACK.$*)) --size $(SIZE) --all --caption keep --encode raw $@.clean | $(BIN)/cc-view sheet -q -o $@ --with $@.clean
	@rm $@.clean
