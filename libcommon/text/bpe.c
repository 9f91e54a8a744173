#include "text/bpe.h"
#include "text/bpe_word.h"
#include "text/byte_symbol.h"
#include "text/normalise.h"
#include "text/split.h"

#include <string.h>

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

/* A symbol as it is written becomes a key of bpe->tokens. */
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
	return err_set(err, "merges: line %zu: \"%.*s\" is no symbol that a line before has made", line, span_shown(symbol, 40),
		(const char *)symbol.data);
}

/* Joins two tokens.  The left one can't end a word. */
static int add_merge(struct bpe *bpe, const int64_t pair[2], size_t line, struct buf *key, struct err *err)
{
	struct span left = map_key(&bpe->tokens, (size_t)pair[0]), right = map_key(&bpe->tokens, (size_t)pair[1]);
	size_t number = bpe->tokens.count;

	if (left.data[left.size - 1])
		return err_set(err, "merges: line %zu: something follows the end of a word", line);
	buf_clear(key);
	buf_append(key, left.data, left.size - 1);
	buf_append_span(key, right);
	int64_t token = key->failed ? -1 : map_add(&bpe->tokens, buf_span(key));
	if (token < 0 || token > INT32_MAX - 2)
		return err_memory(err);
	if (token < (int64_t)number)
		return err_set(err, "merges: line %zu: this token is there already", line);
	int32_t ids[2] = { (int32_t)pair[0], (int32_t)pair[1] };
	return map_add(&bpe->pairs, pair_key(ids)) < 0 ? err_memory(err) : 0;
}

static int read_merge(struct bpe *bpe, struct span text, size_t line, struct buf *key, struct err *err)
{
	const unsigned char *blank = memchr(text.data, ' ', text.size);
	int64_t pair[2];

	if (!blank)
		return err_set(err, "merges: line %zu: not two symbols and a blank between", line);
	size_t size = (size_t)(blank - text.data);
	struct span symbols[2] = { span_of(text.data, size), span_of(blank + 1, text.size - size - 1) };
	for (int i = 0; i < 2; i++) {
		pair[i] = find_symbol(bpe, symbols[i], key);
		if (pair[i] == MAP_NONE)
			return unknown_symbol(symbols[i], line, err);
	}
	return add_merge(bpe, pair, line, key, err);
}

/* Cuts the first line off, without its end. */
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
		return err_set(err, "merges: line 1: no \"#version\" in it; is this a file of merges?");
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

/* Writes at most `room` tokens of a piece; returns how many, or -1. */
static int64_t encode_piece(const struct bpe *bpe, const struct piece *piece, int32_t *ids, size_t room,
	struct buf *scratch, struct err *err)
{
	if (piece->kind != PIECE_WORD) {
		ids[0] = piece->kind == PIECE_START ? bpe_start(bpe) : bpe_end(bpe);
		return 1;
	}
	return bpe_word(bpe, piece->text, ids, room, scratch, err);
}

static int encode(const struct bpe *bpe, struct span text, int32_t *ids, size_t context, size_t *length,
	struct buf *scratch, struct err *err)
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
		return err_set(err, "text: a context of %zu has no room for start and end", context);
	int result = text_normalise(&clean, text, err);
	if (result == 0)
		result = encode(bpe, buf_span(&clean), ids, context, length, &scratch, err);
	buf_free(&clean);
	buf_free(&scratch);
	return result;
}
