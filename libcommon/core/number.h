/* Named numbers with defaults and ranges: the parameters of attacks and augmentations, as in "blended:alpha=0.2,pattern=1". */
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
	bool whole; /* integers only */
	bool optional; /* not recorded in a ledger when it has its default, so that records are those of versions without it */
	const char *const *choices; /* NULL, or a NULL-terminated list of names: given by name, the value is its index */
};

/* Splits "name:numbers" at the first colon; without a colon the numbers are empty. */
void number_split(struct span text, struct span *name, struct span *numbers);

/* Parses "k=v,k=v" into values[i] for list[i]; missing ones get their default (`fallback`).  Errors: unknown or duplicate names,
 * values that are not numbers or out of range; they list what is accepted. */
int number_parse(float *values, const struct number *list, struct span text, struct err *err);

/* "alpha=0.2 (0..1: share of noise), pattern=0 (...)"; nothing for an empty list. */
void number_describe(struct buf *out, const struct number *list);

/* The number as a user would write it: the name of a choice, an integer if it is whole, or the shortest decimal that reads as the
 * same float.  Strings are borrowed from the number. */
struct value number_value(const struct number *number, float value);

/* The accepted values: "0..1" or "random|top-left". */
void number_range(struct buf *out, const struct number *number);

#endif
