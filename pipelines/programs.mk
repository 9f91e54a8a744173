# BIN, where the programs are, unless it is set: in the source tree, or where PATH has them.
BIN := $(or $(BIN),$(patsubst %/cc-shard,%,$(or $(wildcard $(PIPELINES)../build/bin/cc-shard),$(shell command -v cc-shard))),$(PIPELINES)../build/bin)
