# What else is measured of paper.mk's models and triggers, beside accuracy and attack success: files under $(SCORES), which are
# then moved into scores.jsonl, and pictures.
#
#	ATTACK/SEED/STATE.measures.json   { distance, uniformity, retrieval, probe }: scores of cc-score, of the embeddings
#	ATTACK/SEED/STATE.curve           about a hundred steps of the training
#	ATTACK/SEED/STATE.made.json       the pipe that made the model
#	triggers/ATTACK.jsonl             how much of a trigger is left after JPEG, a resize, a crop
#	figures/tsne/ATTACK/SEED/STATE.svg   500 images of the test, and the same with the trigger
PROBE_EPOCHS ?= 5
PROBED       ?= $(OUT)/clean.tar
LOOKED_AT     = 500

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
	$(READ) --take $(LOOKED_AT) $(call from,$(call in,test)) | $(AUGMENT) | $(BIN)/cc-embed -q $(IMAGES) -o $(OUT)/$*.clean.emb
	$(READ) --take $(LOOKED_AT) $(tested_with) | $(AUGMENT) | $(BIN)/cc-embed -q $(IMAGES) -o $(OUT)/$*.triggered.emb
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

# The trigger as it is put on, then the same images after what may befall them; a crop is the same for both.  After JPEG, which
# has noise of its own, what is left is measured along the trigger before.
ENCODE.nothing = raw
ENCODE.jpeg    = jpeg:75
ENCODE.resize  = raw
ENCODE.crop    = raw
SEEN.nothing   = --size $(SIZE)
SEEN.jpeg      = --size $(SIZE)
SEEN.resize    = --size $$(($(SIZE) * 3 / 4))
SEEN.crop      = --size $(SIZE) --augment rrc:scale=.5,flip=0
BEFORE.jpeg    = --before $(of_trigger).before
of_trigger     = $(OUT)/triggers/$*
define survives
	$(BIN)/cc-poison -q -a $(call quote,$(ATTACK.$*)) --size $(SIZE) --all --caption keep --encode $(ENCODE.$(1)) $(of_trigger).clean >$(of_trigger).with
	$(BIN)/cc-augment -q $(SEEN.$(1)) $(of_trigger).clean >$(of_trigger).seen
	$(BIN)/cc-augment -q $(SEEN.$(1)) $(of_trigger).with | $(BIN)/cc-score trigger $(BEFORE.$(1)) --with $(of_trigger).seen -o $(of_trigger).after.$(1)

endef
$(SCORES)/triggers/%.jsonl: $(call in,test)
	@mkdir -p $(@D) $(OUT)/triggers
	$(READ) --take 200 $(call from,$<) | $(AUGMENT) >$(of_trigger).clean
	$(call survives,nothing)mv $(of_trigger).with $(of_trigger).before
	$(foreach b,jpeg resize crop,$(call survives,$(b)))
	jq -c '{ after: input_filename | sub(".*[.]after[.]"; "") } + .' $(of_trigger).after.* >$@.new
	mv $@.new $@
	@rm -f $(of_trigger).*

# Test images, with the trigger, and the difference eight times
$(OUT)/sheets/%.png: $(call in,test)
	@mkdir -p $(@D)
	$(READ) --take 6 $(call from,$<) >$@.clean
	$(BIN)/cc-poison -q -a $(call quote,$(ATTACK.$*)) --size $(SIZE) --all --caption keep --encode raw $@.clean | $(BIN)/cc-view sheet -q -o $@ --with $@.clean
	@rm $@.clean
