# Functions that the makefiles here share.  Set PIPELINES before including this file.

# Names come from users and from data, so neither make nor a shell may interpret them.  A shell gets them through $(call quote,..) or in
# the environment as "$$TARGET".  Names of files that make handles are checked by one_name.

# $(call literal,VARIABLE...): takes values from the command line and the environment literally; make would expand a $ in them.
literal  = $(foreach v,$(1),$(if $(and $(findstring $$,$(value $(v))),$(filter command environment,$(firstword $(origin $(v))))),$(eval override $(v) := $$(value $(v)))))
# $(call quote,TEXT): TEXT as one shell word
quote    = '$(subst ','\'',$(1))'

hash     := \#
define line_break


endef
# Characters with a meaning to make or a shell
special  := $$ $(hash) % : ; & | < > ( ) ` " ' \ { } * ? [ ]
odd      = $(strip $(if $(findstring $(line_break),$(1)),a line break) $(foreach c,$(special),$(findstring $(c),$(1))))
# $(call one_name,VARIABLE...): stops unless each value is a single file name that make can handle
one_name = $(call literal,$(1))$(foreach v,$(1),$(if $(or $(word 2,$($(v))),$(call odd,$($(v))),$(filter -%,$($(v)))),$(error $(v) is '$($(v))': expected one name that does not begin with - and has no spaces and none of $(special))))
# $(call words_only,VARIABLE...): stops unless each value is a list of plain words
words_only = $(call literal,$(1))$(foreach v,$(1),$(if $(call odd,$($(v))),$(error $(v) is '$($(v))': expected words without $(special))))
# $(call numbers,VARIABLE...): stops unless each value is a list of whole numbers
digits   = $(subst 0,,$(subst 1,,$(subst 2,,$(subst 3,,$(subst 4,,$(subst 5,,$(subst 6,,$(subst 7,,$(subst 8,,$(subst 9,,$(1)))))))))))
numbers  = $(call literal,$(1))$(foreach v,$(1),$(if $(strip $(call digits,$($(v)))),$(error $(v) is '$($(v))': expected whole numbers)))

# $(call rates,VARIABLE...): stops unless each value is a list of numbers
rates    = $(call literal,$(1))$(foreach v,$(1),$(if $(strip $(subst .,,$(subst -,,$(subst +,,$(subst e,,$(call digits,$($(v)))))))),$(error $(v) is '$($(v))': expected numbers)))

# $(call settings,FILE,VARIABLE...): adds a rule for FILE, which holds the values of the variables.  FILE, and what depends on it, is made
# again when a value changes.
assignments = $(strip $(subst $(line_break), ,$(foreach v,$(1),$(v)=$($(v)))))
settings = $(eval $(call settings_rule,$(1),$(2)))
define settings_rule
ifneq ($$(call assignments,$(2)),$$(file <$(1)))
.PHONY: $(1)
endif
$(1):
	@mkdir -p $$(@D)
	@printf '%s\n' $$(call quote,$$(call assignments,$(2))) >$$@
endef

include $(PIPELINES)variables.mk
# $(call check_settings,FILE...): stops at a variable on the command line that no makefile reads.  FILEs next to this one count as well.
check_settings = $(call check_variables,$(foreach f,$(MAKEFILE_LIST) $(wildcard $(addprefix $(PIPELINES),$(1))),$(call quote,$(f))))

# BIN: the folder of the programs.  The default is the source tree's, else the one in PATH.
$(call literal,BIN)
BIN := $(or $(BIN),$(patsubst %/cc-shard,%,$(or $(wildcard $(PIPELINES)../build/bin/cc-shard),$(shell command -v cc-shard))),$(PIPELINES)../build/bin)
$(call one_name,BIN PIPELINES)

# $(call sources,TEXT): sources of cc-shard as shell words.  Wildcards are expanded; pipe:COMMAND is one source.
sources  = $(if $(filter pipe:%,$(firstword $(1))),$(call quote,$(1)),$(foreach s,$(1),$(foreach f,$(or $(wildcard $(s)),$(s)),$(call quote,$(f)))))
# $(call files,TEXT): the sources that are files whose names make can handle
files    = $(foreach f,$(wildcard $(1)),$(if $(call odd,$(f)),,$(f)))
