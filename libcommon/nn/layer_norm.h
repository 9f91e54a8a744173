/* y = (x - mean) / sqrt(var + eps) * gain + bias over the last axis, biased variance.   x, y [rows,d]   gain, bias [d]
 * mean, rstd [rows], kept for the backward. */
#ifndef NN_LAYER_NORM_H
#define NN_LAYER_NORM_H

#include <stdbool.h>
#include <stddef.h>

#define LAYER_NORM_EPS 1e-5

void layer_norm_forward(size_t rows, size_t d, const float *x, const float *gain, const float *bias, float *y, float *mean, float *rstd);

/* Stores, or adds into, dx (may be NULL), and adds into dgain and dbias. */
void layer_norm_backward(size_t rows, size_t d, const float *dy, const float *x, const float *gain, const float *mean, const float *rstd,
	bool add, float *dx, float *dgain, float *dbias);

#endif
