# $(call check_variables,FILES): stops at a variable on the command line that none of these makefiles and scripts reads: a misspelt setting
# would otherwise be ignored.  Variables that the make above has checked are not checked again.
variables_given := $(filter-out $(variables_checked),$(foreach v,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(v)))),$(v))))
variables_awk   := $(dir $(lastword $(MAKEFILE_LIST)))variables.awk
check_variables  = $(if $(variables_given),$(call stop_at,$(shell given='$(subst ','\'',$(variables_given))' awk -f '$(subst ','\'',$(variables_awk))' $(1))))
stop_at          = $(if $(1),$(error $(1)))
export variables_checked += $(variables_given)
