/* A score file as cc-score writes it, or as another program does that knows its keys. */
#ifndef REPORT_RESULT_H
#define REPORT_RESULT_H

#include "core/arena.h"
#include "core/err.h"
#include "core/value.h"

#include <stdbool.h>

struct result_number {
	struct span name;
	double value, low, high;
	uint64_t hits, of; /* 0: it is no share */
	bool interval;     /* low and high are known */
};

struct result {
	struct span metric, model; /* of the model its digest; empty: not said */
	uint64_t n;
	size_t count;
	struct result_number *numbers; /* the first is the score itself */
	const struct value *object;    /* the whole file; both live in the arena that was given */
};

bool result_is_one(const struct value *object);
int result_read(struct result *result, const struct value *object, struct arena *arena, struct err *err);

/* NULL: it has no such number. */
const struct result_number *result_find(const struct result *result, struct span name);

/* What was asked: the metric, the data, the settings, the names of the classes; as text, equal where scores may be
 * compared.  Lives in the arena. */
int result_question(const struct result *result, struct span *question, struct arena *arena, struct err *err);

/* How it was answered, where that can differ between rows of one table: n, the kind of classifier, its templates.
 * Appends what is different from `first` as a clause, "" where nothing is. */
void result_difference(const struct result *result, const struct result *first, struct buf *out);

#endif
