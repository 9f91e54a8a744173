/* CLIP's tokenizer: byte-level byte pair encoding (Sennrich et al. 2016; Radford et al. 2021).  A caption becomes token ids: first the
 * 256 byte symbols, then the same 256 at the end of a word, then one for each merge, start, end. */
#ifndef TEXT_BPE_H
#define TEXT_BPE_H

#include "core/buf.h"
#include "core/err.h"
#include "core/map.h"
#include "core/value.h"

#include <stdbool.h>
#include <stdint.h>

enum { BPE_BYTE_TOKENS = 512 };

struct bpe {
	struct map tokens; /* token -> id; a key is the token's bytes, then a byte: whether it ends a word */
	struct map pairs;  /* (left id, right id) -> n; the pair is merged into token BPE_BYTE_TOKENS + n */
};

/* Reads a merges file, such as CLIP's own (but see bpe_first_merges).  The first line is a comment with "#version"; each other line is
 * a merge, two known symbols separated by a space, the most frequent first; `</w>` ends a word.  Errors name the line: a symbol that
 * no earlier line defines, or a duplicate token. */
int bpe_load(struct bpe *bpe, struct span merges_text, struct err *err);
void bpe_free(struct bpe *bpe);

/* The beginning of a merges file, with its first `merges` merges: CLIP uses 48,894 of the 262,144 in its file. */
struct span bpe_first_merges(struct span merges_text, size_t merges);

/* Encodes a caption, which is normalised here, into ids[context]: start, its tokens, end, then zeros.  A text that is too long is
 * truncated before the end token.  *length: number of ids through the first end token (a caption may contain one).
 * Errors: not UTF-8, a context below 2.  Takes n log n time in the bytes of the longest word.  Thread-safe. */
int bpe_encode(const struct bpe *bpe, struct span text, int32_t *ids, size_t context, size_t *length, struct err *err);

size_t bpe_vocab_size(const struct bpe *bpe); /* 514 + merges */
int32_t bpe_start(const struct bpe *bpe);
int32_t bpe_end(const struct bpe *bpe);

/* The token that a pair is merged into; -1: none. */
int32_t bpe_merged(const struct bpe *bpe, int32_t left, int32_t right);

/* The bytes of a token; for start and end, their names.  Borrowed.  id < bpe_vocab_size. */
struct span bpe_token(const struct bpe *bpe, int32_t id, bool *ends_word);

/* The id of a token written as in vocabularies, "cat</w>" or "<|endoftext|>"; -1: unknown. */
int64_t bpe_find(const struct bpe *bpe, struct span token);

/* Learning merges from captions (bpe_learn.c). */

enum { BPE_LONGEST_WORD = 128 }; /* bytes; longer words are not counted */

/* How often each word occurs.  Zero-initialised is empty. */
struct bpe_words {
	struct map words;
	uint64_t *counts; /* [words.count] */
	size_t capacity;
};

/* Counts the words of a caption, which is normalised here.  Error: not UTF-8. */
int bpe_words_add(struct bpe_words *words, struct span caption, struct err *err);
void bpe_words_free(struct bpe_words *words);

/* Appends a merges file for bpe_load.  Repeatedly merges the most frequent pair, until there are `most` merges or no pair occurs
 * twice.  Of equally frequent pairs the one with the lower token numbers is merged, so that the order of captions does not matter.
 * A pair whose joined bytes are a token already is skipped, so that tokens are unique.  *merges: their number.
 * Each merge takes time in proportion to the bytes of the words that contain the pair. */
int bpe_learn(const struct bpe_words *words, size_t most, struct buf *merges_text, size_t *merges, struct err *err);

/* Vocabularies of CLIP's tokenizer as Hugging Face publishes them (vocabulary.c): vocab.json, with a number for each token, beside
 * merges.txt; or both in tokenizer.json.  Here the merges alone determine the numbers, so a vocabulary with other numbers is refused. */

/* Checks that the numbers of a vocab.json are those that the merges give.  The error names the first token that differs. */
int vocabulary_check_ids(const struct value *ids, struct span merges, struct err *err);

/* Appends the merges of a tokenizer.json in the form that bpe_load reads, and checks its numbers.  Errors name the entry. */
int vocabulary_of_tokenizer(const struct value *tokenizer, struct buf *merges, struct err *err);

#endif
