/* The merges of one word. */
#ifndef TEXT_BPE_WORD_H
#define TEXT_BPE_WORD_H

#include "text/bpe.h"

/* Encodes a piece of text as one word: its bytes, the last one ending the word, merged while a merge applies, the
 * earliest one of the list first and from left to right.  Writes at most `room` tokens; returns how many, or -1.
 * word is not empty. n log n in its bytes.  scratch keeps its memory from word to word. */
int64_t bpe_word(const struct bpe *bpe, struct span word, int32_t *ids, size_t room, struct buf *scratch, struct err *err);

#endif
