/* WordNet's database files (Princeton, version 3.0; Debian and Ubuntu: wordnet-base) as a thesaurus.
 * The files are described in wndb(5): index.POS maps a word to byte offsets in data.POS, POS.exc maps irregular forms to base forms.
 * They are memory-mapped and searched in place. */
#ifndef TEXT_WORDNET_H
#define TEXT_WORDNET_H

#include "core/buf.h"
#include "core/err.h"
#include "text/words.h"

enum { WORDNET_CLASSES = 4 }; /* nouns, verbs, adjectives, adverbs */

struct wordnet {
	struct thesaurus thesaurus; /* for functions that take a thesaurus */
	struct wordnet_class {
		struct span index, data, exceptions;
	} classes[WORDNET_CLASSES];
};

/* path: a folder; NULL for $CC_WORDNET or /usr/share/wordnet.  The error names the missing package.
 * The synonyms of a word are all lemmas of all its synsets in all four classes, found by its base forms as in NLTK's morphy (irregular
 * forms from the .exc files, otherwise one step of suffix rules).  In lemmas, _ and - become blanks, and other characters that are not
 * letters are dropped. */
int wordnet_open(struct wordnet *wordnet, const char *path, struct err *err);
void wordnet_close(struct wordnet *wordnet);

#endif
