# Tables, figures and pages, of the scores that there are: results/paper/SET/{tables,figures}, build/paper/SET/report.html
FIGURES  := $(RESULTS)/figures
SHEETS    = $(foreach a,$(MAIN) $(filter-out consistent,$(OTHERS)),$(OUT)/sheets/$(a).png)

figures:
	@MAIN='$(MAIN)' OTHERS='$(OTHERS)' ABLATED='$(ABLATED)' ONCE=$(ONCE) POISONS=$(POISONS) CLEAN=$(CLEAN) FOREIGN=$(FOREIGN) LAMBDA2=$(LAMBDA2) PRETRAIN_LR=$(PRETRAIN_LR) \
		$(PAPER)/figures.sh $(SET) $(RESULTS) $(FIGURES)

# Who has no data has no sheets.
report: figures $(if $(wildcard $(DATA)/test.tar),$(SHEETS))
	@MAIN='$(MAIN)' BIN=$(BIN) ONCE=$(ONCE) $(PAPER)/report.sh '$(SET)' $(RESULTS) $(FIGURES) $(OUT)

# RESULTS.md of its template: where that says "@table SET NAME" or "@figure SET NAME", the table or the figure.
RESULTS_MD ?= $(PIPELINES)RESULTS.md
results:
	@awk -v store='$(patsubst $(dir $(RESULTS_MD))%,%,$(STORE))' -v root='$(dir $(RESULTS_MD))' \
		-f $(PAPER)/results.awk $(PAPER)/RESULTS.in.md >$(RESULTS_MD).new
	@mv $(RESULTS_MD).new $(RESULTS_MD)
