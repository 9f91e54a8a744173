/* Learning the merges of a byte-level BPE from captions. */
#ifndef TEXT_BPE_LEARN_H
#define TEXT_BPE_LEARN_H

#include "core/buf.h"
#include "core/err.h"
#include "core/map.h"

#include <stdint.h>

/* How often each word comes in captions: what a BPE is learnt from. */
enum { BPE_LONGEST_WORD = 128 }; /* bytes; longer ones teach nothing worth a merge */

/* Zero-initialised is empty. */
struct bpe_words {
	struct map words;
	uint64_t *counts; /* [words.count] */
	size_t capacity;
};

/* Counts the words of one caption, as it came.  An error where it is not UTF-8. */
int bpe_words_add(struct bpe_words *words, struct span caption, struct err *err);
void bpe_words_free(struct bpe_words *words);

/* Appends the text of a merges file for bpe_load: the pair that is most frequent in the words is merged, then the
 * next, until there are `most` merges or no pair is left that comes twice.  Of equally frequent pairs the one with
 * the lower tokens goes first, so that the order of captions does not matter.  A pair whose joined bytes are a
 * token already is never merged: no token comes twice. *merges: how many there are.  Time: the bytes of the words
 * that have a pair, for each merge. */
int bpe_learn(const struct bpe_words *words, size_t most, struct buf *merges_text, size_t *merges, struct err *err);

#endif
