/* Vocabularies of CLIP's tokenizer as Hugging Face publishes them: vocab.json with a number for each token, beside merges.txt; or both in one,
 * tokenizer.json.  Here tokens are numbered by the merges alone, so the numbers must be those, or the vocabulary is refused. */
#ifndef TEXT_VOCABULARY_H
#define TEXT_VOCABULARY_H

#include "core/err.h"
#include "core/value.h"

/* Are the numbers of a vocab.json those that the merges give?  The error names the first token that is not. */
int vocabulary_check_ids(const struct value *ids, struct span merges, struct err *err);

/* Appends the merges of a tokenizer.json, as bpe_load reads them, and checks its numbers.  Errors name the entry. */
int vocabulary_of_tokenizer(const struct value *tokenizer, struct buf *merges, struct err *err);

#endif
