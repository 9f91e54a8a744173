# Tables, figures and pages, of the scores that there are: results/paper/SET/{tables,figures}, build/paper/SET/report.html
SHEETS    = $(foreach a,$(MAIN) $(filter-out consistent,$(OTHERS)),$(OUT)/sheets/$(a).png)
SETTINGS  = MAIN OTHERS ABLATED ONCE SEEDS POISONS CLEAN FOREIGN LAMBDA2 LRS EPOCHS CLEAN_EPOCHS SUPERVISED_EPOCHS

figures:
	@$(PACK)
	@$(foreach v,$(SETTINGS),$(v)=$(call quote,$($(v)))) $(PAPER)/figures.sh $(SET) $(call quote,$(RESULTS)) $(call quote,$(FIGURES))

# Who has no data has no sheets.
report: figures $(if $(wildcard $(call in,test)),$(SHEETS))
	@MAIN=$(call quote,$(MAIN)) BIN=$(BIN) ONCE=$(ONCE) $(PAPER)/report.sh $(SET) $(call quote,$(RESULTS)) $(call quote,$(FIGURES)) $(OUT)

# RESULTS.md of its template: where that says "@table SET NAME" or "@figure SET NAME", the table or the figure.
RESULTS_MD ?= $(KEPT)RESULTS.md
$(call one_name,RESULTS_MD)
results:
	+@for set in $(SETS); do [ ! -d $(STORE)/$$set ] || $(MAKE) --no-print-directory -f $(firstword $(MAKEFILE_LIST)) SET=$$set figures || exit; done
	@awk -v store='$(patsubst $(dir $(RESULTS_MD))%,%,$(STORE))' -v root='$(dir $(RESULTS_MD))' \
		-f $(PAPER)/results.awk $(PAPER)/RESULTS.in.md >$(RESULTS_MD).new
	@mv $(RESULTS_MD).new $(RESULTS_MD)
