/* A training run's numbers over its steps, from the JSON lines of cc-train, in constant memory: the steps are cut into
 * at most CURVE_BINS equal ranges, and of each the mean, the lowest and the highest are kept. */
#ifndef REPORT_CURVE_H
#define REPORT_CURVE_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/value.h"

#include <stdbool.h>
#include <stdint.h>

enum { CURVE_BINS = 240, CURVE_FIELDS = 6 };

struct curve_bin {
	uint64_t count;
	double sum, low, high;
};

struct curve_field {
	const char *name;       /* lives in the curve's arena */
	double last;
	struct curve_bin *bins; /* [CURVE_BINS] */
};

struct curve {
	uint64_t width;  /* steps in a range; a power of two */
	uint64_t lines, last_step, epochs;
	uint64_t broken; /* lines whose loss is no number */
	size_t count;    /* fields: loss and lr first, then the parts of the loss */
	struct curve_field fields[CURVE_FIELDS];
	struct arena arena;
};

enum { CURVE_LOSS, CURVE_LR, CURVE_PARTS };

/* Has it a step and a loss, as a line of cc-train has? */
bool curve_is_line(const struct value *value);

/* All lines of a file.  Errors name the line. */
int curve_read(struct curve *curve, int fd, struct err *err);
void curve_free(struct curve *curve);

/* Ranges that have been reached. */
size_t curve_used(const struct curve *curve);

/* The step in the middle of a range. */
double curve_step(const struct curve *curve, size_t bin);

#endif
