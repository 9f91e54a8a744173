/* An option's argument becomes the value of its variable. */
#ifndef CLI_OPTION_VALUE_H
#define CLI_OPTION_VALUE_H

#include "tools/cli/options.h"

/* Sets the variable at spec->offset of `variables`; texts are borrowed.  -1: err says what is accepted. */
int option_set(const struct option_spec *spec, void *variables, const char *text, struct err *err);

#endif
