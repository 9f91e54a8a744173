/* -h, --man and --version, from the same tables that parse. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "tools/cli/tool.h"

#include <stdio.h>

void help_print(const struct tool_about *about, const struct option_spec *common);
void help_usage(const struct tool_about *about, FILE *out); /* how it is called, with an example */
void help_version(const char *name);

/* roff */
void help_man(const struct tool_about *about, const struct option_spec *common);
void help_man_verbs(const char *name, const char *summary, const struct tool_verb *verbs);

#endif
