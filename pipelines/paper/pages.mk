# Tables, figures and pages from the scores that exist: results/paper/SET/{tables,figures}, build/paper/SET/report.html
SHEETS = $(foreach a,$(MAIN) $(filter-out consistent,$(OTHERS)),$(OUT)/sheets/$(a).png)
SHOWN  = MAIN OTHERS ABLATED ONCE SEEDS POISONS CLEAN FOREIGN LAMBDA2 LRS CLEAN_EPOCHS SUPERVISED_EPOCHS

figures:
	@$(PACK)
	@$(call LIST_RUNS,json) -c | $(foreach v,$(SHOWN),$(v)=$(call quote,$($(v)))) $(PAPER)/figures.sh $(SET) $(call quote,$(RESULTS)) $(call quote,$(FIGURES))

# Contact sheets need the test images; without data the page has none.
report: figures $(if $(wildcard $(call in,test)),$(SHEETS))
	@$(call LIST_RUNS,json) -c | MAIN=$(call quote,$(MAIN)) BIN=$(BIN) ONCE=$(ONCE) $(PAPER)/report.sh $(SET) $(call quote,$(RESULTS)) $(call quote,$(FIGURES)) $(OUT)

# RESULTS.md from its template, where "@table SET NAME" and "@figure SET NAME" stand for a table or a figure
RESULTS_MD ?= $(RESULTS_HOME)RESULTS.md
$(call one_name,RESULTS_MD)
results:
	+@for set in $(SETS); do [ ! -d $(STORE)/$$set ] || $(MAKE) --no-print-directory -f $(firstword $(MAKEFILE_LIST)) SET=$$set figures || exit; done
	@awk -v store='$(patsubst $(dir $(RESULTS_MD))%,%,$(STORE))' -v root='$(dir $(RESULTS_MD))' \
		-f $(PAPER)/results.awk $(PAPER)/RESULTS.in.md >$(RESULTS_MD).new
	@mv $(RESULTS_MD).new $(RESULTS_MD)
