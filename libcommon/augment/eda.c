/* Easy data augmentation (Wei and Zou 2019): one of four small changes to a text, at random.
 * Words are separated by white space.  Characters around a word's letters (a comma, quotes) are kept when the word is replaced, and are
 * not looked up in the thesaurus.  Stop words are neither replaced nor inserted. */
#include "augment/augment.h"
#include "core/map.h"
#include "text/normalise.h"
#include "text/words.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { ALPHA, P, OPERATION };
enum { ANY, REPLACE, INSERT, SWAP, DELETE };
enum { TRIES = 10, NO_MEANING = -1 };
enum { CHANGES_MOST = 100, LOOKUPS_MOST = 1000 }; /* bounds the time for very long texts */

static const char *const operations[] = { "any", "replace", "insert", "swap", "delete", NULL };

struct word {
	struct span text, core; /* core: from the first to the last letter or digit */
	int64_t meaning;        /* number of the lower-case core, or NO_MEANING */
};

struct sentence {
	struct word *words;
	size_t count, capacity;
	struct map meanings; /* distinct lower-case cores that are not stop words */
	struct arena arena;  /* of new words */
	struct buf scratch;
	const struct augment_args *args;
	struct rng *rng;
};

static size_t any_below(struct sentence *sentence, size_t n)
{
	return rng_below(sentence->rng, (uint32_t)n);
}

static struct span core_of(struct span text)
{
	struct span rest = text;
	size_t begin = text.size, end = 0;

	while (rest.size) {
		size_t offset = text.size - rest.size;
		if (utf8_is_word(utf8_take(&rest))) {
			begin = begin < offset ? begin : offset;
			end = text.size - rest.size;
		}
	}
	return begin < end ? span_of(text.data + begin, end - begin) : span_of(text.data, 0);
}

static int add_word(struct sentence *sentence, struct span text)
{
	if (sentence->count == sentence->capacity) {
		size_t capacity = sentence->capacity ? 2 * sentence->capacity : 32;
		struct word *words = realloc(sentence->words, capacity * sizeof *words);
		if (!words)
			return -1;
		sentence->words = words;
		sentence->capacity = capacity;
	}
	struct word word = { .text = text, .core = core_of(text), .meaning = NO_MEANING };
	buf_clear(&sentence->scratch);
	text_lower(&sentence->scratch, word.core);
	if (word.core.size && !is_stop_word(buf_span(&sentence->scratch))) {
		word.meaning = map_add(&sentence->meanings, buf_span(&sentence->scratch));
		if (word.meaning < 0)
			return -1;
	}
	sentence->words[sentence->count++] = word;
	return sentence->scratch.failed ? -1 : 0;
}

static int split(struct sentence *sentence, struct span text)
{
	const unsigned char *begin = text.data;

	for (struct span rest = text; rest.size;) {
		const unsigned char *here = rest.data;
		if (!utf8_is_space(utf8_take(&rest)))
			continue;
		if (here > begin && add_word(sentence, span_of(begin, (size_t)(here - begin))))
			return -1;
		begin = rest.data;
	}
	size_t left = (size_t)(text.data + text.size - begin);
	return left ? add_word(sentence, span_of(begin, left)) : 0;
}

/* A random synonym of a meaning, in the arena; empty if it has none. */
static int any_synonym(struct sentence *sentence, size_t meaning, struct span *synonym, struct err *err)
{
	const struct thesaurus *thesaurus = sentence->args->thesaurus;
	struct buf *list = &sentence->scratch;
	size_t count = 0;

	*synonym = span_of(NULL, 0);
	buf_clear(list);
	if (thesaurus->synonyms(thesaurus, map_key(&sentence->meanings, meaning), list, err))
		return -1;
	for (size_t i = 0; i < list->size; i++)
		count += list->data[i] == '\n';
	if (count == 0)
		return 0;
	const unsigned char *begin = list->data;
	for (size_t skip = any_below(sentence, count); skip; skip--)
		begin = (const unsigned char *)memchr(begin, '\n', (size_t)(list->data + list->size - begin)) + 1;
	const unsigned char *end = memchr(begin, '\n', (size_t)(list->data + list->size - begin));
	char *copy = arena_string(&sentence->arena, begin, (size_t)(end - begin));
	*synonym = span_of(copy, (size_t)(end - begin));
	return copy ? 0 : err_memory(err);
}

/* Replaces a word's core by a synonym. */
static int replace_core(struct sentence *sentence, struct word *word, struct span synonym)
{
	size_t before = (size_t)(word->core.data - word->text.data);
	size_t after = word->text.size - before - word->core.size;
	unsigned char *text = arena_alloc(&sentence->arena, before + synonym.size + after);

	if (!text)
		return -1;
	memcpy(text, word->text.data, before);
	memcpy(text + before, synonym.data, synonym.size);
	memcpy(text + before + synonym.size, word->core.data + word->core.size, after);
	word->text = span_of(text, before + synonym.size + after);
	return 0;
}

/* The meanings in random order; NULL: out of memory. */
static uint32_t *shuffled_meanings(struct sentence *sentence)
{
	const size_t count = sentence->meanings.count;
	uint32_t *order = arena_zeroed(&sentence->arena, count + 1, sizeof *order);

	for (size_t i = 0; order && i < count; i++) {
		size_t j = any_below(sentence, i + 1);
		order[i] = order[j];
		order[j] = (uint32_t)i;
	}
	return order;
}

/* Replaces up to n words that have synonyms, each wherever it occurs. */
static int replace(struct sentence *sentence, size_t n, struct err *err)
{
	const size_t most = sentence->meanings.count < LOOKUPS_MOST ? sentence->meanings.count : LOOKUPS_MOST;
	const uint32_t *order = shuffled_meanings(sentence);

	if (!order)
		return err_memory(err);
	for (size_t i = 0; i < most && n; i++) {
		struct span synonym;
		if (any_synonym(sentence, order[i], &synonym, err))
			return -1;
		n -= synonym.size > 0;
		for (size_t j = 0; synonym.size && j < sentence->count; j++)
			if (sentence->words[j].meaning == order[i] && replace_core(sentence, &sentence->words[j], synonym))
				return err_memory(err);
	}
	return 0;
}

/* n times: inserts a synonym of a random word at a random place. */
static int insert(struct sentence *sentence, size_t n, struct err *err)
{
	while (n-- && sentence->meanings.count) {
		struct span synonym = { 0 };
		for (int try = 0; try < TRIES && synonym.size == 0; try++)
			if (any_synonym(sentence, any_below(sentence, sentence->meanings.count), &synonym, err))
				return -1;
		if (synonym.size == 0)
			return 0;
		if (add_word(sentence, span_of(NULL, 0)))
			return err_memory(err);
		size_t at = any_below(sentence, sentence->count);
		memmove(&sentence->words[at + 1], &sentence->words[at], (sentence->count - 1 - at) * sizeof *sentence->words);
		sentence->words[at] = (struct word){ .text = synonym, .meaning = NO_MEANING };
	}
	return 0;
}

/* n times: swaps the words at two different places. */
static void swap(struct sentence *sentence, size_t n)
{
	while (n-- && sentence->count > 1) {
		size_t i = any_below(sentence, sentence->count), j = any_below(sentence, sentence->count - 1);
		j += j >= i;
		struct word word = sentence->words[i];
		sentence->words[i] = sentence->words[j];
		sentence->words[j] = word;
	}
}

/* Deletes each word with probability p; if all were deleted, a random one is kept. */
static void delete(struct sentence *sentence, float p)
{
	size_t kept = 0;

	if (sentence->count == 0)
		return;
	struct word survivor = sentence->words[any_below(sentence, sentence->count)];
	for (size_t i = 0; i < sentence->count; i++)
		if (rng_uniform(sentence->rng) >= p)
			sentence->words[kept++] = sentence->words[i];
	if (kept == 0)
		sentence->words[kept++] = survivor;
	sentence->count = kept;
}

static int change(struct sentence *sentence, struct err *err)
{
	const float *number = sentence->args->number;
	size_t n = (size_t)(number[ALPHA] * (float)sentence->count);
	int operation = (int)number[OPERATION];

	n = n < 1 ? 1 : n > CHANGES_MOST ? CHANGES_MOST : n;
	if (operation == ANY)
		operation = REPLACE + (int)any_below(sentence, 4);
	if (operation == REPLACE)
		return replace(sentence, n, err);
	if (operation == INSERT)
		return insert(sentence, n, err);
	if (operation == SWAP)
		swap(sentence, n);
	else
		delete (sentence, number[P]);
	return 0;
}

static int eda(struct buf *out, struct span text, const struct augment_args *args, struct rng *rng, struct err *err)
{
	struct sentence sentence = { .args = args, .rng = rng };
	int result = split(&sentence, text) ? err_memory(err) : change(&sentence, err);

	for (size_t i = 0; result == 0 && i < sentence.count; i++) {
		if (i)
			buf_append_byte(out, ' ');
		buf_append_span(out, sentence.words[i].text);
	}
	free(sentence.words);
	map_free(&sentence.meanings);
	arena_free(&sentence.arena);
	buf_free(&sentence.scratch);
	return result == 0 && out->failed ? err_memory(err) : result;
}

const struct text_policy text_policy_eda = {
	.name = "eda",
	.about = "replace, insert, swap or delete words: one of the four, at random",
	.needs_thesaurus = true,
	.numbers = {
		{ .name = "alpha", .fallback = .1f, .least = 0, .most = 1, .about = "share of the words to change, at least one" },
		{ .name = "p", .fallback = .1f, .least = 0, .most = 1, .about = "probability of deleting each word" },
		{ .name = "operation", .about = "which one; any: a random one", .choices = operations },
	},
	.apply = eda,
};
