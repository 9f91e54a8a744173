/* What the shell's completion asks: TOOL [VERB] --complete WORD... prints what the last word may become, one a line. */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "tools/cli/options.h"

enum { COMPLETE_WORDS = 0, COMPLETE_FILES = 1 };

/* COMPLETE_FILES: nothing was printed, and the word is the name of a file.
 * Words are as bash cuts them: a '=' is one of its own. */
int complete_options(const struct options *options, size_t count, char *const *words);

void complete_word(const char *candidate, const char *word);

#endif
