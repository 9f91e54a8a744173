/* Named numbers with their ranges, as attacks and augmentations take them: "blended:alpha=0.2,pattern=1". */
#ifndef CORE_NUMBER_H
#define CORE_NUMBER_H

#include "core/buf.h"
#include "core/err.h"
#include "core/value.h"

#include <stdbool.h>

struct number {
	const char *name; /* NULL ends a list */
	float fallback, least, most;
	const char *about;
	bool whole; /* no fraction is accepted */
	const char *const *choices; /* NULL, or names ended by NULL: it is given as one of them, and its value is its place */
};

/* Cuts "name:numbers" at its first colon; without one the numbers are empty. */
void number_split(struct span text, struct span *name, struct span *numbers);

/* values[i] becomes what "k=v,k=v" gives to list[i], or its fallback.  A name that is not in the list, one that comes twice, what
 * is no number and what is out of its range are errors that say what is accepted. */
int number_parse(float *values, const struct number *list, struct span text, struct err *err);

/* "alpha=0.2 (0..1: share of noise), pattern=0 (...)"; nothing for an empty list. */
void number_describe(struct buf *out, const struct number *list);

/* The number as one would give it, for ledgers and lists: a choice's name, an integer where it is whole, or the real of
 * fewest digits that is read as the same float.  Strings are borrowed from the number. */
struct value number_value(const struct number *number, float value);

/* What is accepted: "0..1", or "random|top-left". */
void number_range(struct buf *out, const struct number *number);

#endif
