/* The numbers of a training run over its steps, from the JSON lines of cc-train, in constant memory: the steps are divided into
 * at most CURVE_BINS equal ranges, each with its mean, minimum and maximum. */
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
	uint64_t width;  /* steps per range, a power of two */
	uint64_t lines, last_step, epochs;
	uint64_t broken; /* lines whose loss is not a number */
	size_t count;    /* of fields: loss and lr, then the parts of the loss */
	struct curve_field fields[CURVE_FIELDS];
	struct arena arena;
};

enum { CURVE_LOSS, CURVE_LR, CURVE_PARTS };

/* Does it have a step and a loss, as the lines of cc-train do? */
bool curve_is_line(const struct value *value);

/* Reads all lines of a file.  Errors name the line.  The caller frees with curve_free, also after an error. */
int curve_read(struct curve *curve, int fd, struct err *err);
void curve_free(struct curve *curve);

/* Number of ranges that the last step reaches. */
size_t curve_used(const struct curve *curve);

/* The step in the middle of a range. */
double curve_step(const struct curve *curve, size_t bin);

/* Appends one SVG drawn by gnuplot: the loss above, the learning rate below.  One curve is drawn with the range of its loss and
 * with its parts as lines c2, c3, ...; several curves (seeds) are drawn over one another.
 * 1: drawn; 0: gnuplot is not installed; -1: it failed. */
int plot_curves(struct buf *out, const struct curve *const *curves, size_t count, struct err *err);

#endif
