/* Which of several names was probably meant by a word that is none of them. */
#ifndef TEXT_NEAREST_H
#define TEXT_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *word;
	const char *name; /* the best so far, borrowed; NULL: none is near enough */
	size_t distance;
};

struct nearest nearest_to(const char *word);
void nearest_consider(struct nearest *nearest, const char *name);

#endif
