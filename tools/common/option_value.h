/* An option's argument becomes the value of its variable. */
#ifndef TOOLS_OPTION_VALUE_H
#define TOOLS_OPTION_VALUE_H

#include "tools/common/options.h"

/* Sets the variable at spec->offset of `variables`; texts are borrowed.  -1: err says what is accepted. */
int option_set(const struct option_spec *spec, void *variables, const char *text, struct err *err);

#endif
