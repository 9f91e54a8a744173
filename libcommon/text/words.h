/* Words: finding and replacing whole words in captions, stop words, synonyms, and the nearest name for a misspelt one. */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>

/* Searching takes time in proportion to the text times the word; callers refuse longer words, which may come from data. */
enum { WORD_LONGEST = 256 };

/* Whether `word` occurs in `text` with no letter, digit or combining mark directly before or after it.  Ignores case (Unicode's
 * full case folding) and composition.  `word` may be a phrase: any white space matches any other.  An empty word never occurs.
 * Bytes that are not UTF-8 match only themselves. */
bool text_has_word(struct span text, struct span word);

/* Appends the text with every such occurrence of `word` replaced by `by`, and returns their number.  Here underscores match white
 * space in both: the class fire_truck is the caption's "fire truck". */
size_t text_replace_word(struct buf *out, struct span text, struct span word, struct span by);

/* Whether a lower-case word is one of NLTK's 127 English stop words. */
bool is_stop_word(struct span word);

/* A source of synonyms.  formats/text/wordnet fills it for WordNet. */
struct thesaurus {
	/* Appends the synonyms of a lower-case word to `out`, each followed by a newline: letters and spaces only, lower case, without
	 * the word itself, sorted bytewise, unique.  No synonyms is not an error.  Thread-safe. */
	int (*synonyms)(const struct thesaurus *thesaurus, struct span word, struct buf *out, struct err *err);
};

/* The name that is nearest to a misspelt word. */
struct nearest {
	const char *word;
	const char *name; /* the nearest so far, borrowed; NULL: none is near enough */
	size_t distance;
};

struct nearest nearest_to(const char *word);
void nearest_consider(struct nearest *nearest, const char *name);
void nearest_suggest(const struct nearest *nearest, struct buf *out); /* appends "; did you mean NAME?" if a name is near enough */

#endif
