/* How often each word comes in captions: what a BPE is learnt from. */
#ifndef TEXT_BPE_WORDS_H
#define TEXT_BPE_WORDS_H

#include "core/buf.h"
#include "core/err.h"
#include "core/map.h"

#include <stdint.h>

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

#endif
