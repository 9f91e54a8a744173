/* Named numbers with their ranges, as attacks and augmentations take them: "blended:alpha=0.2,pattern=1". */
#ifndef CORE_NUMBER_H
#define CORE_NUMBER_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>

struct number {
	const char *name; /* NULL ends a list */
	float fallback, least, most;
	const char *about;
	bool whole; /* no fraction is accepted */
};

/* Cuts "name:numbers" at its first colon; without one the numbers are empty. */
void number_split(struct span text, struct span *name, struct span *numbers);

/* values[i] becomes what "k=v,k=v" gives to list[i], or its fallback.  A name that is not in the list, one that comes twice, what
 * is no number and what is out of its range are errors that say what is accepted. */
int number_parse(float *values, const struct number *list, struct span text, struct err *err);

/* "alpha=0.2 (0..1: share of noise), pattern=0 (...)"; nothing for an empty list. */
void number_describe(struct buf *out, const struct number *list);

#endif
