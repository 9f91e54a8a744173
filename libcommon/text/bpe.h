/* Byte-level byte pair encoding as CLIP has it (Radford et al. 2021; Sennrich et al. 2016): a caption becomes the
 * numbers that a text tower takes.  Tokens are numbered: 256 byte symbols, the same 256 as the end of a word, one
 * for each merge, start, end. */
#ifndef TEXT_BPE_H
#define TEXT_BPE_H

#include "core/buf.h"
#include "core/err.h"
#include "core/map.h"

#include <stdbool.h>
#include <stdint.h>

enum { BPE_BYTE_TOKENS = 512 };

struct bpe {
	struct map tokens; /* by bytes and one more: whether it ends a word; numbered as the tokens are */
	struct map pairs;  /* left and right token; the n-th is merged to token BPE_BYTE_TOKENS + n */
};

/* Reads merges as text, CLIP's own file among them (but see bpe_first_merges): the first line is a comment that
 * says "#version", then one merge a line, two known symbols and a blank between, the most frequent first; `</w>`
 * ends a word.  Errors name the line: symbols that no line before has made, a token that is there already. */
int bpe_load(struct bpe *bpe, struct span merges_text, struct err *err);
void bpe_free(struct bpe *bpe);

/* The beginning of a merges file that holds its first `merges`: CLIP uses 48,894 of the 262,144 in its file. */
struct span bpe_first_merges(struct span merges_text, size_t merges);

/* Encodes a caption as it came (it is normalised here): start, its tokens, end, then zeros up to ids[context].  Of
 * a text that is too long the last place holds the end token.  *length: the places that matter, through the first
 * end token (a caption may spell one). Errors: not UTF-8, a context of less than 2.  Time is n log n in the bytes
 * of the longest word.  Several threads may share a bpe. */
int bpe_encode(const struct bpe *bpe, struct span text, int32_t *ids, size_t context, size_t *length, struct err *err);

size_t bpe_vocab_size(const struct bpe *bpe); /* 514 + merges */
int32_t bpe_start(const struct bpe *bpe);
int32_t bpe_end(const struct bpe *bpe);

/* The token that a pair is merged to, or -1. */
int32_t bpe_merged(const struct bpe *bpe, int32_t left, int32_t right);

/* The bytes of a token; those of start and end are their names.  Borrowed.  id < bpe_vocab_size. */
struct span bpe_token(const struct bpe *bpe, int32_t id, bool *ends_word);

/* The number of a token as vocabularies write it, "cat</w>" or "<|endoftext|>"; -1: there is none. */
int64_t bpe_find(const struct bpe *bpe, struct span token);

#endif
