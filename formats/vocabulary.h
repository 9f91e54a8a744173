/* A vocabulary of CLIP's tokenizer in each of its published forms:
 *	bpe_simple_vocab_16e6.txt, or the same as .gz       merges, as bpe_load reads them
 *	merges.txt and vocab.json (Hugging Face)            merges, and a number for each token
 *	tokenizer.json (Hugging Face)                       both in one
 * Tokens are numbered by the merges alone, so the numbers of the last two must be those, or the vocabulary is refused. */
#ifndef FORMATS_VOCABULARY_H
#define FORMATS_VOCABULARY_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>

enum vocabulary_form { VOCABULARY_MERGES, VOCABULARY_IDS, VOCABULARY_TOKENIZER };

/* By content: gzip is unpacked, and JSON is one of the last two. */
enum vocabulary_form vocabulary_form(struct span file);

/* Appends the merges of a file of merges, packed or not, or of a tokenizer.json, whose numbers are checked.  Errors name the entry. */
int vocabulary_merges(struct span file, struct buf *merges, struct err *err);

/* Are the numbers of a vocab.json those that the merges give?  The error names the first token that is not. */
int vocabulary_check_ids(struct span vocab_json, struct span merges, struct err *err);

#endif
