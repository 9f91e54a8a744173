/* Words that carry grammar rather than meaning. */
#ifndef TEXT_STOP_WORDS_H
#define TEXT_STOP_WORDS_H

#include "core/buf.h"

#include <stdbool.h>

/* Whether a lower-case word is one of NLTK's 127 English stop words. */
bool is_stop_word(struct span word);

#endif
