/* The passes of a batch norm over [rows,c], for a run of rows.
 *     y = (x - mean) * rstd * gain + bias, then + skip, then max(., 0) where asked */
#ifndef NN_BATCH_NORM_ROWS_H
#define NN_BATCH_NORM_ROWS_H

#include <stdbool.h>
#include <stddef.h>

/* sum[j] += x - shift, square[j] += (x - shift)^2.  shift [c]: any value near the mean keeps the digits. */
void batch_norm_moments(size_t rows, size_t c, const float *x, const float *shift, double *sum, double *square);

/* factor = rstd * gain.  skip may be NULL. */
void batch_norm_apply(size_t rows, size_t c, const float *x, const float *mean, const float *factor, const float *bias,
	const float *skip, bool relu, float *y);

/* g = dy where y > 0 or no relu, else 0.  Adds g into sum and g * (x - mean) into along, both [c].
 * dskip (may be NULL) (+)= g. */
void batch_norm_sums(size_t rows, size_t c, const float *x, const float *y, const float *dy, const float *mean,
	bool relu, bool add, float *dskip, float *sum, float *along);

/* dx (+)= factor * (g - average - (x - mean) * slope), average and slope [c]. */
void batch_norm_dx(size_t rows, size_t c, const float *x, const float *y, const float *dy, const float *mean,
	const float *factor, const float *average, const float *slope, bool relu, bool add, float *dx);

#endif
