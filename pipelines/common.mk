# What the graphs share: included where PIPELINES is known.

# Names come from users and from data: neither make nor a shell may read them as code.  A shell gets them by $(call quote,..), or by the
# environment as "$$TARGET".  What becomes a file's name of make's is checked by one_name.

# $(call literal,VARIABLE...): those given on the command line or by the environment are that text; make would expand a $ in it.
literal  = $(foreach v,$(1),$(if $(and $(findstring $$,$(value $(v))),$(filter command environment,$(firstword $(origin $(v))))),$(eval override $(v) := $$(value $(v)))))
# $(call quote,TEXT): one word of a shell
quote    = '$(subst ','\'',$(1))'

hash     := \#
define line_break


endef
# What make or a shell takes for more than a letter of a name
special  := $$ $(hash) % : ; & | < > ( ) ` " ' \ { } * ? [ ]
odd      = $(strip $(if $(findstring $(line_break),$(1)),a line break) $(foreach c,$(special),$(findstring $(c),$(1))))
# $(call one_name,VARIABLE...): refuses what make would take for several files, or for something else than a file
one_name = $(call literal,$(1))$(foreach v,$(1),$(if $(or $(word 2,$($(v))),$(call odd,$($(v))),$(filter -%,$($(v)))),$(error $(v) is '$($(v))': make needs a name without spaces and $(special), and no - in front)))
# $(call words_only,VARIABLE...): refuses what is more than words
words_only = $(call literal,$(1))$(foreach v,$(1),$(if $(call odd,$($(v))),$(error $(v) is '$($(v))': words without $(special) are expected)))
# $(call numbers,VARIABLE...): refuses what is not whole numbers
digits   = $(subst 0,,$(subst 1,,$(subst 2,,$(subst 3,,$(subst 4,,$(subst 5,,$(subst 6,,$(subst 7,,$(subst 8,,$(subst 9,,$(1)))))))))))
numbers  = $(call literal,$(1))$(foreach v,$(1),$(if $(strip $(call digits,$($(v)))),$(error $(v) is '$($(v))': whole numbers are expected)))

# $(call rates,VARIABLE...): refuses what is not numbers
rates    = $(call literal,$(1))$(foreach v,$(1),$(if $(strip $(subst .,,$(subst -,,$(subst +,,$(subst e,,$(call digits,$($(v)))))))),$(error $(v) is '$($(v))': numbers are expected)))

# $(call settings,FILE,VARIABLE...): a rule for FILE, which holds their values; it is made again, and so is what depends on it, when one
# of them changes.
said     = $(strip $(subst $(line_break), ,$(foreach v,$(1),$(v)=$($(v)))))
settings = $(eval $(call settings_rule,$(1),$(2)))
define settings_rule
ifneq ($$(call said,$(2)),$$(file <$(1)))
.PHONY: $(1)
endif
$(1):
	@mkdir -p $$(@D)
	@printf '%s\n' $$(call quote,$$(call said,$(2))) >$$@
endef

include $(PIPELINES)variables.mk
# $(call check_settings,FILE...): the makefiles that are being read, and files beside this one whose settings are also accepted
check_settings = $(call check_variables,$(foreach f,$(MAKEFILE_LIST) $(wildcard $(addprefix $(PIPELINES),$(1))),$(call quote,$(f))))

# BIN, where the programs are, unless it is set: in the source tree, or where PATH has them.
$(call literal,BIN)
BIN := $(or $(BIN),$(patsubst %/cc-shard,%,$(or $(wildcard $(PIPELINES)../build/bin/cc-shard),$(shell command -v cc-shard))),$(PIPELINES)../build/bin)
$(call one_name,BIN PIPELINES)

# $(call sources,TEXT): sources as words of a shell.  A name's stars are expanded; pipe:COMMAND is one source.
sources  = $(if $(filter pipe:%,$(firstword $(1))),$(call quote,$(1)),$(foreach s,$(1),$(foreach f,$(or $(wildcard $(s)),$(s)),$(call quote,$(f)))))
# $(call files,TEXT): those of them that are files, and that make can name
files    = $(foreach f,$(wildcard $(1)),$(if $(call odd,$(f)),,$(f)))
