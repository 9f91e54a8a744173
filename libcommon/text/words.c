#include "text/words.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <utf8proc.h>
#include <string.h>

enum { LONGEST_FOLD = 16, END = -1 };

/* A text read as folded code points: decomposed, case-folded, each run of white space as one space. */
struct folded {
	struct span rest;
	bool underscores; /* count as white space */
	int32_t waiting[LONGEST_FOLD]; /* the remaining ones of a code point that folds to several */
	int next, count;
};

static int32_t fold(struct folded *text, int32_t codepoint)
{
	const utf8proc_option_t how = UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD;
	int boundclass = 0;
	utf8proc_ssize_t count = utf8proc_decompose_char(codepoint, text->waiting, LONGEST_FOLD, how, &boundclass);

	if (count < 1 || count > LONGEST_FOLD)
		return codepoint;
	text->next = 1;
	text->count = (int)count;
	return text->waiting[0];
}

static bool is_space(const struct folded *text, int32_t codepoint)
{
	return utf8_is_space(codepoint) || (text->underscores && codepoint == '_');
}

static int32_t take(struct folded *text)
{
	if (text->next < text->count)
		return text->waiting[text->next++];
	if (text->rest.size == 0)
		return END;
	int32_t codepoint = utf8_take(&text->rest);
	if (is_space(text, codepoint)) {
		struct span ahead = text->rest;
		while (ahead.size && is_space(text, utf8_take(&ahead)))
			text->rest = ahead;
		return ' ';
	}
	if (codepoint < 0x80)
		return codepoint >= 'A' && codepoint <= 'Z' ? codepoint + ('a' - 'A') : codepoint;
	return codepoint >= UTF8_INVALID ? codepoint : fold(text, codepoint);
}

/* text and word are copies, so reading does not change the caller's.  *after: the text after the word. */
static bool begins_with(struct folded text, struct folded word, struct folded *after)
{
	int32_t wanted, last = END;

	while ((wanted = take(&word)) != END) {
		if (take(&text) != wanted)
			return false;
		last = wanted;
	}
	*after = text;
	return !utf8_is_word(last) || !utf8_is_word(take(&text));
}

bool text_has_word(struct span text, struct span word)
{
	struct folded rest = { .rest = text }, wanted = { .rest = utf8_trim(word) };
	struct folded peek = wanted, after;
	int32_t first = take(&peek), before = END;

	if (first == END)
		return false;
	for (;;) {
		bool may_begin = !utf8_is_word(first) || !utf8_is_word(before);
		if (may_begin && begins_with(rest, wanted, &after))
			return true;
		before = take(&rest);
		if (before == END)
			return false;
	}
}

/* Whether reading is between two code points of the text, not within the folded form of one. */
static bool is_between(const struct folded *text)
{
	return text->next >= text->count;
}

size_t text_replace_word(struct buf *out, struct span text, struct span word, struct span by)
{
	struct folded rest = { .rest = text, .underscores = true }, wanted = { .rest = utf8_trim(word), .underscores = true };
	struct folded peek = wanted, after;
	int32_t first = take(&peek), before = END;
	size_t count = 0;

	while (rest.rest.size || !is_between(&rest)) {
		const unsigned char *start = rest.rest.data;
		const bool may_begin = first != END && is_between(&rest) && (!utf8_is_word(first) || !utf8_is_word(before));
		if (may_begin && begins_with(rest, wanted, &after) && is_between(&after)) {
			buf_append_span(out, by);
			rest = after;
			before = ' '; /* a word that ends in a letter is not followed by one */
			count++;
			continue;
		}
		before = take(&rest);
		buf_append(out, start, (size_t)(rest.rest.data - start));
	}
	return count;
}

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

enum { LONGEST = 40 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The edit distance: letters omitted, added, replaced, or swapped with their neighbour. */
static size_t edits(const char *a, const char *b)
{
	const size_t rows = strlen(a), columns = strlen(b);
	size_t cost[LONGEST + 1][LONGEST + 1];

	if (rows > LONGEST || columns > LONGEST)
		return LONGEST;
	for (size_t i = 0; i <= rows; i++)
		for (size_t j = 0; j <= columns; j++) {
			if (i == 0 || j == 0) {
				cost[i][j] = i + j;
				continue;
			}
			cost[i][j] = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			cost[i][j] = least(cost[i][j], least(cost[i - 1][j], cost[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1);
		}
	return cost[rows][columns];
}

struct nearest nearest_to(const char *word)
{
	/* Up to a third of its letters may be wrong. */
	return (struct nearest){ .word = word, .distance = strlen(word) / 3 + (strlen(word) > 1) };
}

void nearest_suggest(const struct nearest *nearest, struct buf *out)
{
	if (nearest->name)
		buf_printf(out, "; did you mean %s?", nearest->name);
}

void nearest_consider(struct nearest *nearest, const char *name)
{
	const size_t length = strlen(nearest->word);
	const size_t distance = length > 1 && strncmp(nearest->word, name, length) == 0 ? 0 : edits(nearest->word, name);

	if (distance < nearest->distance + !nearest->name) {
		nearest->distance = distance;
		nearest->name = name;
	}
}
