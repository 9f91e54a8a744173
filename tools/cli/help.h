/* -h, --man and --version, from the same tables that parse. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "tools/cli/tool.h"
#include "tools/cli/options.h"

#include <stdio.h>

void help_print(const struct tool_about *about, const struct option_spec *common);
void help_usage(const struct tool_about *about, FILE *out); /* how it is called, with an example */
void help_version(const char *name);

/* roff */
void help_man(const struct tool_about *about, const struct option_spec *common);
void help_man_verbs(const char *name, const char *summary, const struct tool_verb *verbs);

/* What the shell's completion asks: TOOL [VERB] --complete WORD... prints what the last word may become, one a line. */
enum { COMPLETE_WORDS = 0, COMPLETE_FILES = 1 };

/* COMPLETE_FILES: nothing was printed, and the word is the name of a file.
 * Words are as bash cuts them: a '=' is one of its own. */
int complete_options(const struct options *options, size_t count, char *const *words);

void complete_word(const char *candidate, const char *word);

#endif
