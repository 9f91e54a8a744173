/* The passes of a batch norm over [rows,c], for a run of rows.  All are bound by memory. */
#ifndef NN_BATCH_NORM_ROWS_H
#define NN_BATCH_NORM_ROWS_H

#include <stdbool.h>
#include <stddef.h>

struct batch_norm_channels {      /* each [c] */
	const float *mean, *factor, *bias; /* factor = rstd * gain */
	const float *average, *slope;      /* for batch_norm_dx */
};

/* sum[j] += x - shift, square[j] += (x - shift)^2.  shift [c]: any value near the mean keeps the digits. */
void batch_norm_moments(size_t rows, size_t c, const float *x, const float *shift, double *sum, double *square);

/* y = (x - mean) * factor + bias, then + skip (may be NULL), then max(., 0) where asked. */
void batch_norm_apply(size_t rows, size_t c, const float *x, const struct batch_norm_channels *n, const float *skip, bool relu, float *y);

/* dy = 0 where y is not positive. */
void batch_norm_mask(size_t size, const float *y, float *dy);

/* g = dy, or with relu (and no skip) 0 where y was not positive.  Adds g into sum, g * (x - mean) into along, [c]. */
void batch_norm_sums(
	size_t rows, size_t c, const float *x, const float *dy, const struct batch_norm_channels *n, bool relu, float *sum, float *along);

/* dx (+)= factor * (g - average - (x - mean) * slope) */
void batch_norm_dx(
	size_t rows, size_t c, const float *x, const float *dy, const struct batch_norm_channels *n, bool relu, bool add, float *dx);

#endif
