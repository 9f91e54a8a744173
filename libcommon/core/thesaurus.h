/* Where synonyms come from: a table of functions, filled for WordNet by formats/text/wordnet. */
#ifndef CORE_THESAURUS_H
#define CORE_THESAURUS_H

#include "core/buf.h"
#include "core/err.h"

struct thesaurus {
	/* Appends the synonyms of a lower-case word to `out`, each ended by a newline: letters and blanks only, lower case, without
	 * the word itself, sorted bytewise, none twice.  None is no error.  Several threads may ask at once. */
	int (*synonyms)(const struct thesaurus *thesaurus, struct span word, struct buf *out, struct err *err);
};

#endif
