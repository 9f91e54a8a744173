# What the graphs share: included where PIPELINES is known.

# BIN, where the programs are, unless it is set: in the source tree, or where PATH has them.
BIN := $(or $(BIN),$(patsubst %/cc-shard,%,$(or $(wildcard $(PIPELINES)../build/bin/cc-shard),$(shell command -v cc-shard))),$(PIPELINES)../build/bin)

# $(call one_name,VARIABLE...): what make would take for several files
one_name = $(foreach v,$(1),$(if $(word 2,$($(v))),$(error $(v) is '$($(v))': make needs a name without spaces)))
