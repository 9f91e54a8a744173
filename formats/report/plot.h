/* Training curves drawn by gnuplot. */
#ifndef REPORT_PLOT_H
#define REPORT_PLOT_H

#include "core/err.h"
#include "formats/report/curve.h"

/* Appends one SVG: the loss above, the learning rate below.  One curve: with the range of its values and its parts as
 * c2, c3, ...; several (seeds) as lines over one another.  1; 0: gnuplot is not installed; -1. */
int plot_curves(struct buf *out, const struct curve *const *curves, size_t count, struct err *err);

#endif
