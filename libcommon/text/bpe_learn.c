#include "text/bpe.h"

#include "text/normalise.h"
#include "text/pretokenize.h"

#include <stdlib.h>
#include <string.h>

static int count_word(struct bpe_words *words, struct span word)
{
	if (words->words.count == words->capacity) {
		size_t capacity = words->capacity ? 2 * words->capacity : 256;
		uint64_t *counts = realloc(words->counts, capacity * sizeof *counts);
		if (!counts)
			return -1;
		words->counts = counts;
		words->capacity = capacity;
	}
	size_t before = words->words.count;
	int64_t number = map_add(&words->words, word);
	if (number < 0)
		return -1;
	if ((size_t)number == before)
		words->counts[number] = 0;
	words->counts[number]++;
	return 0;
}

int bpe_words_add(struct bpe_words *words, struct span caption, struct err *err)
{
	struct buf clean = { 0 };
	struct piece piece;
	int result = text_normalise(&clean, caption, err);
	struct span rest = buf_span(&clean);

	while (result == 0 && split_next(&rest, &piece))
		if (piece.kind == PIECE_WORD && piece.text.size <= BPE_LONGEST_WORD && count_word(words, piece.text))
			result = err_memory(err);
	buf_free(&clean);
	return result;
}

void bpe_words_free(struct bpe_words *words)
{
	map_free(&words->words);
	free(words->counts);
	*words = (struct bpe_words){ 0 };
}

/* Two tokens that are adjacent in some word. */
struct pair {
	int32_t left, right;
	uint64_t count;      /* occurrences in all words */
	struct buf in;       /* uint32_t: words that contain or contained it */
};

struct candidate {
	uint64_t count;
	uint32_t pair;
};

struct learner {
	const struct bpe_words *words;
	int32_t *symbols;    /* of all words; those of a word begin at starts[word] */
	size_t *starts;
	uint32_t *sizes;     /* number of symbols that each word still has */
	struct map tokens;   /* as in struct bpe */
	struct map numbers;  /* (left, right) -> index in pairs */
	struct pair *pairs;
	size_t pair_capacity;
	struct candidate *heap; /* the most frequent first; counts may be outdated */
	size_t heap_count, heap_capacity;
};

static bool comes_before(const struct learner *learner, struct candidate a, struct candidate b)
{
	const struct pair *p = &learner->pairs[a.pair], *q = &learner->pairs[b.pair];

	if (a.count != b.count)
		return a.count > b.count;
	return p->left != q->left ? p->left < q->left : p->right < q->right;
}

static int heap_push(struct learner *learner, uint32_t pair)
{
	if (learner->heap_count == learner->heap_capacity) {
		size_t capacity = learner->heap_capacity ? 2 * learner->heap_capacity : 1024;
		struct candidate *heap = realloc(learner->heap, capacity * sizeof *heap);
		if (!heap)
			return -1;
		learner->heap = heap;
		learner->heap_capacity = capacity;
	}
	struct candidate item = { learner->pairs[pair].count, pair }, *heap = learner->heap;
	size_t at = learner->heap_count++;
	for (; at && comes_before(learner, item, heap[(at - 1) / 2]); at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = item;
	return 0;
}

static struct candidate heap_pop(struct learner *learner)
{
	struct candidate *heap = learner->heap, first = heap[0], last = heap[--learner->heap_count];
	size_t at = 0, count = learner->heap_count;

	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		child += child + 1 < count && comes_before(learner, heap[child + 1], heap[child]);
		if (!comes_before(learner, heap[child], last))
			break;
		heap[at] = heap[child];
	}
	heap[at] = last;
	return first;
}

/* The index of a pair, which is added if it is new; -1: out of memory. */
static int64_t pair_number(struct learner *learner, int32_t left, int32_t right)
{
	size_t before = learner->numbers.count;
	int64_t number = map_add(&learner->numbers, span_of((int32_t[]){ left, right }, 2 * sizeof left));

	if (number < (int64_t)before)
		return number;
	if (before == learner->pair_capacity) {
		size_t capacity = before ? 2 * before : 1024;
		struct pair *pairs = realloc(learner->pairs, capacity * sizeof *pairs);
		if (!pairs)
			return -1;
		learner->pairs = pairs;
		learner->pair_capacity = capacity;
	}
	learner->pairs[number] = (struct pair){ .left = left, .right = right };
	return number;
}

/* Adds the pairs of a word to their counts, or subtracts them.  If it adds, lists the word under the pairs that contain token `fresh`
 * (-1: under all its pairs). */
static int count_pairs(struct learner *learner, uint32_t word, bool add, int32_t fresh)
{
	const int32_t *symbols = learner->symbols + learner->starts[word];
	const uint64_t times = learner->words->counts[word];

	for (uint32_t i = 0; i + 1 < learner->sizes[word]; i++) {
		int64_t number = pair_number(learner, symbols[i], symbols[i + 1]);
		if (number < 0)
			return -1;
		struct pair *pair = &learner->pairs[number];
		pair->count += add ? times : (uint64_t)0 - times;
		if (add && (fresh < 0 || symbols[i] == fresh || symbols[i + 1] == fresh)) {
			buf_append(&pair->in, &word, sizeof word);
			if (pair->in.failed)
				return -1;
		}
	}
	return 0;
}

/* Merges the pair wherever it occurs in the word.  1: it occurred. */
static int merge_in(struct learner *learner, uint32_t word, const struct pair *pair, int32_t token)
{
	int32_t *symbols = learner->symbols + learner->starts[word];
	uint32_t size = learner->sizes[word], kept = 0;

	for (uint32_t i = 0; i < size; i++) {
		bool joins = i + 1 < size && symbols[i] == pair->left && symbols[i + 1] == pair->right;
		symbols[kept++] = joins ? token : symbols[i];
		i += joins;
	}
	learner->sizes[word] = kept;
	return kept < size;
}

static bool has_pair(const struct learner *learner, uint32_t word, const struct pair *pair)
{
	const int32_t *symbols = learner->symbols + learner->starts[word];

	for (uint32_t i = 0; i + 1 < learner->sizes[word]; i++)
		if (symbols[i] == pair->left && symbols[i + 1] == pair->right)
			return true;
	return false;
}

/* Merges a pair in all words, and adds the resulting new pairs to the heap. */
static int apply_merge(struct learner *learner, uint32_t number, int32_t token)
{
	struct pair pair = learner->pairs[number];
	const uint32_t *in = (const uint32_t *)(const void *)pair.in.data;
	const size_t before = learner->numbers.count;

	learner->pairs[number].in = (struct buf){ 0 }; /* counting may move the pairs */
	int result = 0;
	for (size_t i = 0; result == 0 && i < pair.in.size / sizeof *in; i++) {
		if (!has_pair(learner, in[i], &pair))
			continue;
		result = count_pairs(learner, in[i], false, token);
		merge_in(learner, in[i], &pair, token);
		if (result == 0)
			result = count_pairs(learner, in[i], true, token);
	}
	for (size_t i = before; result == 0 && i < learner->numbers.count; i++)
		result = heap_push(learner, (uint32_t)i);
	buf_free(&pair.in);
	return result;
}

/* Writes a token as in a merges file. */
static void write_symbol(struct buf *out, struct span key)
{
	byte_symbols_encode(out, span_of(key.data, key.size - 1));
	if (key.data[key.size - 1])
		buf_append_string(out, "</w>");
}

/* The new token of a pair; 0: its bytes are already a token; -1: out of memory. */
static int32_t new_token(struct learner *learner, const struct pair *pair, struct buf *key)
{
	struct span left = map_key(&learner->tokens, (size_t)pair->left);
	size_t before = learner->tokens.count;

	buf_clear(key);
	buf_append(key, left.data, left.size - 1);
	buf_append_span(key, map_key(&learner->tokens, (size_t)pair->right));
	int64_t token = key->failed ? -1 : map_add(&learner->tokens, buf_span(key));
	return token < 0 || token > INT32_MAX - 2 ? -1 : token < (int64_t)before ? 0 : (int32_t)token;
}

static int learn(struct learner *learner, size_t most, struct buf *out, size_t *merges, struct buf *key)
{
	for (*merges = 0; *merges < most && learner->heap_count;) {
		struct candidate best = heap_pop(learner);
		const struct pair *pair = &learner->pairs[best.pair];
		if (pair->count < 2)
			continue;
		if (pair->count != best.count) { /* outdated */
			if (heap_push(learner, best.pair))
				return -1;
			continue;
		}
		int32_t token = new_token(learner, pair, key);
		if (token < 0)
			return -1;
		if (token == 0)
			continue;
		write_symbol(out, map_key(&learner->tokens, (size_t)pair->left));
		buf_append_byte(out, ' ');
		write_symbol(out, map_key(&learner->tokens, (size_t)pair->right));
		buf_append_byte(out, '\n');
		++*merges;
		if (apply_merge(learner, best.pair, token))
			return -1;
	}
	return 0;
}

/* Splits every word into its byte tokens. */
static int begin(struct learner *learner)
{
	const struct map *words = &learner->words->words;
	size_t at = 0;

	learner->symbols = malloc((words->bytes.size + 1) * sizeof *learner->symbols);
	learner->starts = calloc(words->count + 1, sizeof *learner->starts);
	learner->sizes = calloc(words->count + 1, sizeof *learner->sizes);
	if (!learner->symbols || !learner->starts || !learner->sizes)
		return -1;
	for (uint32_t word = 0; word < words->count; word++) {
		struct span bytes = map_key(words, word);
		learner->starts[word] = at;
		learner->sizes[word] = (uint32_t)bytes.size;
		for (size_t i = 0; i < bytes.size; i++)
			learner->symbols[at++] = byte_symbol(bytes.data[i]);
		learner->symbols[at - 1] += BYTE_SYMBOLS;
		if (count_pairs(learner, word, true, -1))
			return -1;
	}
	for (uint32_t pair = 0; pair < learner->numbers.count; pair++)
		if (heap_push(learner, pair))
			return -1;
	return 0;
}

static void learner_free(struct learner *learner)
{
	for (size_t i = 0; i < learner->numbers.count && i < learner->pair_capacity; i++)
		buf_free(&learner->pairs[i].in);
	free(learner->pairs);
	free(learner->heap);
	free(learner->symbols);
	free(learner->starts);
	free(learner->sizes);
	map_free(&learner->numbers);
}

int bpe_learn(const struct bpe_words *words, size_t most, struct buf *merges_text, size_t *merges, struct err *err)
{
	struct learner learner = { .words = words };
	struct bpe bytes_only = { 0 };
	struct buf key = { 0 };
	static const char header[] = "#version: 1, learnt by cc-model vocab\n";

	*merges = 0;
	if (bpe_load(&bytes_only, span_string(header), err))
		return -1;
	learner.tokens = bytes_only.tokens;
	buf_append_string(merges_text, header);
	int result = begin(&learner);
	if (result == 0)
		result = learn(&learner, most, merges_text, merges, &key);
	if (result || merges_text->failed)
		result = err_memory(err);
	learner_free(&learner);
	map_free(&learner.tokens);
	buf_free(&key);
	return result;
}
