/* Help, manual pages, versions and shell completion, from the tables that parse the options. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "tools/cli/tool.h"
#include "tools/cli/options.h"

#include <stdio.h>

void help_print(const struct tool_about *about, const struct option_spec *common);
void help_usage(const struct tool_about *about, FILE *out); /* synopsis and an example */
void help_verbs(const char *name, const char *summary, const struct tool_verb *verbs, FILE *out);
void help_version(const char *name);

/* Manual pages, as roff on standard output. */
void help_man(const struct tool_about *about, const struct option_spec *common);
void help_man_verbs(const char *name, const char *summary, const struct tool_verb *verbs);

/* Shell completion: `TOOL [VERB] --complete WORD...` prints the candidates for the last word, one per line.  The exit code is
 * COMPLETE_FILES where a file name is expected; the shell then adds the names of files.
 * bash splits words at "=" and ":"; the parts are joined again, and of each candidate only the part after `skip` is printed. */
enum { COMPLETE_WORDS = 0, COMPLETE_FILES = 1 };

struct completion {
	const char *word; /* to be completed */
	const char *head; /* typed directly before it: "--attack=" */
	size_t skip;      /* number of bytes of head and word that the shell does not replace */
};

int complete_options(const struct options *options, size_t count, char *const *words);
void complete_verbs(const struct tool_verb *verbs, const char *word);

/* Prints the candidate if it begins with the word. */
void complete_candidate(const struct completion *completion, const char *candidate);

#endif
