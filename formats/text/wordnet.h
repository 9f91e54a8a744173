/* WordNet's database files (Princeton, version 3.0; Debian and Ubuntu: wordnet-base) as a thesaurus.
 * Files as wndb(5) has them: index.POS maps a word to byte offsets in data.POS, POS.exc irregular forms to their bases.
 * They are mapped, and searched where they lie: opening reads nothing, a word costs some page touches. */
#ifndef TEXT_WORDNET_H
#define TEXT_WORDNET_H

#include "core/buf.h"
#include "core/err.h"
#include "text/words.h"

enum { WORDNET_CLASSES = 4 }; /* nouns, verbs, adjectives, adverbs */

struct wordnet {
	struct thesaurus thesaurus; /* hand &wordnet.thesaurus on */
	struct wordnet_class {
		struct span index, data, exceptions;
	} classes[WORDNET_CLASSES];
};

/* path: NULL for $CC_WORDNET, or /usr/share/wordnet.  The error says which package is missing.
 * A word's synonyms are all lemmas of all its synsets in all four classes, found by its base forms (as NLTK's
 * morphy has them: irregular forms from the .exc files, or else one step of suffix rules); blanks for _ and -,
 * other characters that are no letters left out. */
int wordnet_open(struct wordnet *wordnet, const char *path, struct err *err);
void wordnet_close(struct wordnet *wordnet);

#endif
