#include "text/stop_words.h"

#include <stdlib.h>

static const char *const words[] = {
#define STOP_WORD(word) word,
#include "text/stop_words.def"
#undef STOP_WORD
};

static int compare(const void *key, const void *entry)
{
	return span_compare(*(const struct span *)key, span_string(*(const char *const *)entry));
}

bool is_stop_word(struct span word)
{
	return bsearch(&word, words, sizeof words / sizeof *words, sizeof *words, compare) != NULL;
}
