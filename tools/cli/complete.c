#include "tools/cli/help.h"

#include <stdio.h>
#include <string.h>

void complete_word(const char *candidate, const char *word)
{
	if (strncmp(candidate, word, strlen(word)) == 0)
		puts(candidate);
}

static int complete_argument(const struct option_spec *spec, const char *word)
{
	const char *const *words = spec->choices ? spec->choices : spec->words;

	for (; words && *words; words++)
		complete_word(*words, word);
	const bool text = spec->kind == OPTION_TEXT || spec->kind == OPTION_LIST;
	return text && !spec->choices && !spec->words ? COMPLETE_FILES : COMPLETE_WORDS;
}

/* The option that the word is: "--name", "-MF" or "-n". */
static const struct option_spec *find_option(const struct options *options, const char *word)
{
	for (int table = 0; table < 2; table++)
		for (const struct option_spec *spec = options->tables[table]; spec && spec->name; spec++) {
			const char *dashes = options_dashes(spec);
			const bool is_name = strncmp(word, dashes, strlen(dashes)) == 0 && strcmp(word + strlen(dashes), spec->name) == 0;
			const bool is_letter = spec->letter && word[0] == '-' && word[1] == spec->letter && !word[2];
			if (is_name || is_letter)
				return spec;
		}
	return NULL;
}

int complete_options(const struct options *options, size_t count, char *const *words)
{
	const char *word = count ? words[count - 1] : "";
	size_t before = count ? count - 1 : 0; /* words in front of it */
	bool assigned = false;                  /* --option=word */

	if (strcmp(word, "=") == 0)
		word = "", assigned = true;
	else if (before && strcmp(words[before - 1], "=") == 0)
		before--, assigned = true;
	const struct option_spec *spec = before ? find_option(options, words[before - 1]) : NULL;
	if (spec && spec->kind != OPTION_FLAG && (assigned || !spec->optional))
		return complete_argument(spec, word);
	if (*word != '-')
		return COMPLETE_FILES;
	for (int table = 0; table < 2; table++)
		for (spec = options->tables[table]; spec && spec->name; spec++) {
			char text[64];
			if (spec->hidden)
				continue;
			snprintf(text, sizeof text, "%s%s", options_dashes(spec), spec->name);
			complete_word(text, word);
		}
	return COMPLETE_WORDS;
}
