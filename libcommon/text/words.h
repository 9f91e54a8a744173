/* Whole words in a caption. */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include "core/buf.h"

#include <stdbool.h>

/* Searching takes time in proportion to the text times the word.  Callers refuse longer words, which may come from data. */
enum { WORD_LONGEST = 256 };

/* Whether `word` stands in `text` with no letter, digit or combining mark right before or after it; case folded
 * (Unicode's full folding), composed and decomposed letters alike.  `word` may be a phrase: any white space
 * matches any other.  An empty word is nowhere.  Bytes that are not UTF-8 match only themselves. */
bool text_has_word(struct span text, struct span word);

/* Appends the text with every such occurrence of `word` replaced by `by`, and returns their number.  Here an underscore matches
 * white space too, in both: the class fire_truck is the caption's "fire truck". */
size_t text_replace_word(struct buf *out, struct span text, struct span word, struct span by);

/* Words that carry grammar rather than meaning. */

/* Whether a lower-case word is one of NLTK's 127 English stop words. */
bool is_stop_word(struct span word);

#endif
