#include "tools/cli/help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void complete_candidate(const struct completion *completion, const char *candidate)
{
	const size_t head = strlen(completion->head);

	if (strncmp(candidate, completion->word, strlen(completion->word)) != 0)
		return;
	if (completion->skip < head)
		printf("%s%s\n", completion->head + completion->skip, candidate);
	else
		puts(candidate + (completion->skip - head));
}

void complete_verbs(const struct tool_verb *verbs, const char *word)
{
	for (; verbs->name; verbs++)
		complete_candidate(&(struct completion){ word, "", 0 }, verbs->name);
}

static int complete_argument(const struct option_spec *spec, const struct completion *completion)
{
	const char *const *words = spec->choices ? spec->choices : spec->words;
	const bool text = spec->kind == OPTION_TEXT || spec->kind == OPTION_LIST;

	for (; words && *words; words++)
		complete_candidate(completion, *words);
	if (spec->complete)
		spec->complete(completion);
	return text && !spec->choices && !spec->words && !spec->complete ? COMPLETE_FILES : COMPLETE_WORDS;
}

/* The option spelled by the `size` bytes at word: "--name", "-MF" or "-n".  NULL: not an option. */
static const struct option_spec *find_option(const struct options *options, const char *word, size_t size)
{
	for (int table = 0; table < 2; table++)
		for (const struct option_spec *spec = options->tables[table]; spec && spec->name; spec++) {
			char long_name[64];
			const int length = snprintf(long_name, sizeof long_name, "%s%s", options_dashes(spec), spec->name);
			if (size == (size_t)length && memcmp(word, long_name, size) == 0)
				return spec;
			if (spec->letter && size == 2 && word[0] == '-' && word[1] == spec->letter)
				return spec;
		}
	return NULL;
}

static void complete_names(const struct options *options, const struct completion *completion)
{
	for (int table = 0; table < 2; table++)
		for (const struct option_spec *spec = options->tables[table]; spec && spec->name; spec++) {
			char name[64];
			snprintf(name, sizeof name, "%s%s", options_dashes(spec), spec->name);
			if (!spec->hidden)
				complete_candidate(completion, name);
		}
}

static bool is_separator(const char *word)
{
	return strcmp(word, "=") == 0 || strcmp(word, ":") == 0;
}

/* word: what bash split at "=" and ":", joined again; previous: the word before it. */
static int complete_joined(const struct options *options, const char *previous, const char *word, size_t skip)
{
	const char *equals = strncmp(word, "--", 2) == 0 ? strchr(word, '=') : NULL;
	const struct option_spec *spec =
		equals ? find_option(options, word, (size_t)(equals - word)) : find_option(options, previous, strlen(previous));

	if (equals && spec && spec->kind != OPTION_FLAG) {
		char *head = span_copy_string(span_of(word, (size_t)(equals + 1 - word)));
		const int result = head ? complete_argument(spec, &(struct completion){ equals + 1, head, skip }) : COMPLETE_WORDS;
		free(head);
		return result;
	}
	if (!equals && spec && spec->kind != OPTION_FLAG && !spec->optional)
		return complete_argument(spec, &(struct completion){ word, "", skip });
	if (*word != '-')
		return COMPLETE_FILES;
	complete_names(options, &(struct completion){ word, "", skip });
	return COMPLETE_WORDS;
}

int complete_options(const struct options *options, size_t count, char *const *words)
{
	size_t first = count ? count - 1 : 0; /* of the words that are joined */
	struct buf joined = { 0 };

	if (count == 0)
		return COMPLETE_FILES;
	const bool ends = first && is_separator(words[first]); /* the cursor is after a separator */
	if (ends)
		first--;
	while (first >= 2 && is_separator(words[first - 1]))
		first -= 2;
	for (size_t i = first; i < count; i++)
		buf_append_string(&joined, words[i]);
	const size_t skip = joined.size - (ends ? 0 : strlen(words[count - 1]));
	const int result = complete_joined(options, first ? words[first - 1] : "", buf_string(&joined), skip);
	buf_free(&joined);
	return result;
}
