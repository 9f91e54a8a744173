#include "text/bpe.h"

#include "text/normalise.h"
#include "text/pretokenize.h"

#include <string.h>

enum { NONE = -1 };

/* Encoding one word.  Its symbols form a linked list.  A heap holds the possible merges as (merged token, position) in one number, so
 * that the least is the next to apply.  A merge creates only merges of later tokens (a token comes after its parts), so all positions
 * of one merge are processed before the next merge, as BPE is defined.  A merge that is no longer possible stays in the heap until it
 * is popped: by then its symbol's `merged` has changed. */
struct symbol {
	int32_t id;
	int32_t merged; /* the token that it and the next one merge into, or NONE */
	int32_t previous, next;
};

struct word {
	const struct bpe *bpe;
	struct symbol *symbols; /* [size] */
	uint64_t *heap;         /* [2 * size]: a merge removes one entry and adds at most two */
	size_t heap_count;
};

static void heap_push(struct word *word, uint64_t item)
{
	size_t at = word->heap_count++;

	for (; at && word->heap[(at - 1) / 2] > item; at = (at - 1) / 2)
		word->heap[at] = word->heap[(at - 1) / 2];
	word->heap[at] = item;
}

static uint64_t heap_pop(struct word *word)
{
	uint64_t *heap = word->heap, least = heap[0], last = heap[--word->heap_count];
	size_t at = 0, count = word->heap_count;

	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		child += child + 1 < count && heap[child + 1] < heap[child];
		if (heap[child] >= last)
			break;
		heap[at] = heap[child];
	}
	heap[at] = last;
	return least;
}

static void look_up(struct word *word, int32_t at)
{
	struct symbol *symbol = &word->symbols[at];

	symbol->merged = symbol->next == NONE ? NONE : bpe_merged(word->bpe, symbol->id, word->symbols[symbol->next].id);
	if (symbol->merged != NONE)
		heap_push(word, (uint64_t)symbol->merged << 32 | (uint32_t)at);
}

static void merge(struct word *word, int32_t at)
{
	struct symbol *left = &word->symbols[at], *right = &word->symbols[left->next];

	left->id = left->merged;
	left->next = right->next;
	right->merged = NONE;
	if (left->next != NONE)
		word->symbols[left->next].previous = at;
	look_up(word, at);
	if (left->previous != NONE)
		look_up(word, left->previous);
}

static int begin(struct word *word, struct span bytes, struct buf *scratch, struct err *err)
{
	const size_t each = sizeof *word->symbols + 2 * sizeof *word->heap;

	if (bytes.size > INT32_MAX / each)
		return err_set(err, "text: a word of %zu bytes is too long", bytes.size);
	buf_clear(scratch);
	unsigned char *memory = buf_reserve(scratch, bytes.size * each);
	if (!memory)
		return err_memory(err);
	word->heap = (uint64_t *)(void *)memory;
	word->symbols = (struct symbol *)(void *)(word->heap + 2 * bytes.size);
	word->heap_count = 0;
	const int32_t size = (int32_t)bytes.size;
	for (int32_t i = 0; i < size; i++)
		word->symbols[i] =
			(struct symbol){ .id = byte_symbol(bytes.data[i]), .previous = i - 1, .next = i + 1 < size ? i + 1 : NONE };
	word->symbols[size - 1].id += BYTE_SYMBOLS;
	for (int32_t i = 0; i < size; i++)
		look_up(word, i);
	return 0;
}

/* Encodes a word, which is not empty: applies the merges to its bytes, the earliest of the list first, from left to right.
 * Writes at most `capacity` tokens; returns their number, or -1.  Takes n log n time in its bytes.  scratch is reused. */
static int64_t bpe_word(const struct bpe *bpe, struct span bytes, int32_t *ids, size_t capacity, struct buf *scratch, struct err *err)
{
	struct word word = { .bpe = bpe };
	size_t count = 0;

	if (begin(&word, bytes, scratch, err))
		return -1;
	while (word.heap_count) {
		uint64_t next = heap_pop(&word);
		int32_t at = (int32_t)(next & UINT32_MAX);
		if (word.symbols[at].merged == (int32_t)(next >> 32))
			merge(&word, at);
	}
	for (int32_t at = 0; at != NONE && count < capacity; at = word.symbols[at].next)
		ids[count++] = word.symbols[at].id;
	return (int64_t)count;
}

static const char end_of_word[] = "</w>";

size_t bpe_vocab_size(const struct bpe *bpe)
{
	return bpe->tokens.count + 2;
}

int32_t bpe_start(const struct bpe *bpe)
{
	return (int32_t)bpe->tokens.count;
}

int32_t bpe_end(const struct bpe *bpe)
{
	return (int32_t)bpe->tokens.count + 1;
}

static struct span pair_key(int32_t pair[2])
{
	return span_of(pair, 2 * sizeof *pair);
}

int32_t bpe_merged(const struct bpe *bpe, int32_t left, int32_t right)
{
	int64_t merge = map_find(&bpe->pairs, pair_key((int32_t[]){ left, right }));

	return merge == MAP_NONE ? -1 : BPE_BYTE_TOKENS + (int32_t)merge;
}

struct span bpe_token(const struct bpe *bpe, int32_t id, bool *ends_word)
{
	*ends_word = false;
	if (id == bpe_start(bpe))
		return span_string("<|startoftext|>");
	if (id == bpe_end(bpe))
		return span_string("<|endoftext|>");
	struct span key = map_key(&bpe->tokens, (size_t)id);
	*ends_word = key.data[key.size - 1];
	return span_of(key.data, key.size - 1);
}

static int add_byte_tokens(struct bpe *bpe)
{
	unsigned char byte_of[BYTE_SYMBOLS];

	for (int byte = 0; byte < BYTE_SYMBOLS; byte++)
		byte_of[byte_symbol((unsigned char)byte)] = (unsigned char)byte;
	for (int i = 0; i < BPE_BYTE_TOKENS; i++)
		if (map_add(&bpe->tokens, span_of((unsigned char[]){ byte_of[i % 256], i >= 256 }, 2)) != i)
			return -1;
	return 0;
}

/* Converts a symbol as it is written in a merges file to a key of bpe->tokens. */
static int symbol_key(struct buf *key, struct span symbol)
{
	const size_t mark = sizeof end_of_word - 1;
	bool ends = symbol.size > mark && memcmp(symbol.data + symbol.size - mark, end_of_word, mark) == 0;

	buf_clear(key);
	if (ends)
		symbol.size -= mark;
	if (byte_symbols_decode(key, symbol))
		return -1;
	buf_append_byte(key, ends);
	return key->failed ? -1 : 0;
}

static int64_t find_symbol(const struct bpe *bpe, struct span symbol, struct buf *key)
{
	return symbol_key(key, symbol) ? MAP_NONE : map_find(&bpe->tokens, buf_span(key));
}

int64_t bpe_find(const struct bpe *bpe, struct span token)
{
	struct buf key = { 0 };

	if (span_is(token, "<|startoftext|>"))
		return bpe_start(bpe);
	if (span_is(token, "<|endoftext|>"))
		return bpe_end(bpe);
	const int64_t number = find_symbol(bpe, token, &key);
	buf_free(&key);
	return number;
}

static int unknown_symbol(struct span symbol, size_t line, struct err *err)
{
	return err_set(err, "merges: line %zu: \"%.*s\" is not a symbol that an earlier line defines", line, span_shown(symbol, 40),
		(const char *)symbol.data);
}

/* Merges two tokens.  The left one must not end a word. */
static int add_merge(struct bpe *bpe, const int64_t pair[2], size_t line, struct buf *key, struct err *err)
{
	struct span left = map_key(&bpe->tokens, (size_t)pair[0]), right = map_key(&bpe->tokens, (size_t)pair[1]);
	size_t number = bpe->tokens.count;

	if (left.data[left.size - 1])
		return err_set(err, "merges: line %zu: the first symbol ends a word (</w>), so nothing can follow it", line);
	buf_clear(key);
	buf_append(key, left.data, left.size - 1);
	buf_append_span(key, right);
	int64_t token = key->failed ? -1 : map_add(&bpe->tokens, buf_span(key));
	if (token < 0 || token > INT32_MAX - 2)
		return err_memory(err);
	if (token < (int64_t)number)
		return err_set(err, "merges: line %zu: duplicate token", line);
	int32_t ids[2] = { (int32_t)pair[0], (int32_t)pair[1] };
	return map_add(&bpe->pairs, pair_key(ids)) < 0 ? err_memory(err) : 0;
}

static int read_merge(struct bpe *bpe, struct span text, size_t line, struct buf *key, struct err *err)
{
	const unsigned char *blank = memchr(text.data, ' ', text.size);
	int64_t pair[2];

	if (!blank)
		return err_set(err, "merges: line %zu: expected two symbols separated by a space", line);
	size_t size = (size_t)(blank - text.data);
	struct span symbols[2] = { span_of(text.data, size), span_of(blank + 1, text.size - size - 1) };
	for (int i = 0; i < 2; i++) {
		pair[i] = find_symbol(bpe, symbols[i], key);
		if (pair[i] == MAP_NONE)
			return unknown_symbol(symbols[i], line, err);
	}
	return add_merge(bpe, pair, line, key, err);
}

/* Removes the first line and returns it without its end. */
static struct span take_line(struct span *text)
{
	const unsigned char *newline = text->size ? memchr(text->data, '\n', text->size) : NULL;
	size_t size = newline ? (size_t)(newline - text->data) : text->size;
	size_t taken = newline ? size + 1 : size;
	struct span line = span_of(text->data, size);

	*text = span_of(text->data + taken, text->size - taken);
	if (line.size && line.data[line.size - 1] == '\r')
		line.size--;
	return line;
}

static bool says_version(struct span line)
{
	static const char version[] = "#version";
	const size_t size = sizeof version - 1;

	for (size_t i = 0; i + size <= line.size; i++)
		if (memcmp(line.data + i, version, size) == 0)
			return true;
	return false;
}

static int load(struct bpe *bpe, struct span text, struct buf *key, struct err *err)
{
	if (!says_version(take_line(&text)))
		return err_set(err, "merges: line 1: \"#version\" is missing; is this a merges file?");
	if (add_byte_tokens(bpe))
		return err_memory(err);
	for (size_t number = 2; text.size; number++) {
		struct span line = take_line(&text);
		if (line.size && read_merge(bpe, line, number, key, err))
			return -1;
	}
	return 0;
}

int bpe_load(struct bpe *bpe, struct span merges_text, struct err *err)
{
	struct buf key = { 0 };

	*bpe = (struct bpe){ 0 };
	int result = load(bpe, merges_text, &key, err);
	if (result)
		bpe_free(bpe);
	buf_free(&key);
	return result;
}

void bpe_free(struct bpe *bpe)
{
	map_free(&bpe->tokens);
	map_free(&bpe->pairs);
}

struct span bpe_first_merges(struct span merges_text, size_t merges)
{
	struct span rest = merges_text;

	take_line(&rest);
	while (rest.size && merges--)
		take_line(&rest);
	return span_of(merges_text.data, merges_text.size - rest.size);
}

/* Writes at most `capacity` tokens of a piece; returns their number, or -1. */
static int64_t encode_piece(
	const struct bpe *bpe, const struct piece *piece, int32_t *ids, size_t capacity, struct buf *scratch, struct err *err)
{
	if (piece->kind != PIECE_WORD) {
		ids[0] = piece->kind == PIECE_START ? bpe_start(bpe) : bpe_end(bpe);
		return 1;
	}
	return bpe_word(bpe, piece->text, ids, capacity, scratch, err);
}

static int encode(
	const struct bpe *bpe, struct span text, int32_t *ids, size_t context, size_t *length, struct buf *scratch, struct err *err)
{
	struct piece piece;
	size_t count = 0;

	ids[count++] = bpe_start(bpe);
	while (count < context - 1 && split_next(&text, &piece)) {
		int64_t written = encode_piece(bpe, &piece, ids + count, context - 1 - count, scratch, err);
		if (written < 0)
			return -1;
		count += (size_t)written;
	}
	ids[count++] = bpe_end(bpe);
	memset(ids + count, 0, (context - count) * sizeof *ids);
	for (*length = 1; ids[*length - 1] != bpe_end(bpe); ++*length)
		;
	return 0;
}

int bpe_encode(const struct bpe *bpe, struct span text, int32_t *ids, size_t context, size_t *length, struct err *err)
{
	struct buf clean = { 0 }, scratch = { 0 };

	if (context < 2)
		return err_set(err, "text: a context of %zu is too short for start and end", context);
	int result = text_normalise(&clean, text, err);
	if (result == 0)
		result = encode(bpe, buf_span(&clean), ids, context, length, &scratch, err);
	buf_free(&clean);
	buf_free(&scratch);
	return result;
}
