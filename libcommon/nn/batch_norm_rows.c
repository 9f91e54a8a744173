#include "nn/batch_norm_rows.h"

#include "core/simd.h"

#include <string.h>

enum { BLOCK_ROWS = 64, BLOCK_COLUMNS = 64 }; /* summed in float, in L1, before it goes into a double */

INLINE void block_moments(
	size_t rows, size_t width, size_t c, const float *restrict x, const float *restrict shift, double *sum, double *square)
{
	float s[BLOCK_COLUMNS] = { 0 }, q[BLOCK_COLUMNS] = { 0 };

	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < width; j++) {
			float d = x[i * c + j] - shift[j];
			s[j] += d;
			q[j] += d * d;
		}
	for (size_t j = 0; j < width; j++) {
		sum[j] += (double)s[j];
		square[j] += (double)q[j];
	}
}

SIMD void batch_norm_moments(size_t rows, size_t c, const float *x, const float *shift, double *sum, double *square)
{
	for (size_t i = 0; i < rows; i += BLOCK_ROWS)
		for (size_t j = 0; j < c; j += BLOCK_COLUMNS) {
			size_t high = rows - i < BLOCK_ROWS ? rows - i : BLOCK_ROWS;
			size_t wide = c - j < BLOCK_COLUMNS ? c - j : BLOCK_COLUMNS;
			block_moments(high, wide, c, x + i * c + j, shift + j, sum + j, square + j);
		}
}

INLINE float normalised(float x, float mean, float factor, float bias)
{
	return (x - mean) * factor + bias;
}

/* Flags are constants where this is called: each combination becomes a loop of its own. */
INLINE void apply(size_t rows, size_t c, const float *restrict x, const struct batch_norm_channels *n, const float *restrict skip,
	bool relu, float *restrict y)
{
	const float *restrict mean = n->mean, *restrict factor = n->factor, *restrict bias = n->bias;

	for (size_t i = 0; i < rows * c; i += c)
		for (size_t j = 0; j < c; j++) {
			float value = normalised(x[i + j], mean[j], factor[j], bias[j]);
			if (skip)
				value += skip[i + j];
			y[i + j] = relu && value < 0 ? 0 : value;
		}
}

SIMD void batch_norm_apply(
	size_t rows, size_t c, const float *x, const struct batch_norm_channels *n, const float *skip, bool relu, float *y)
{
	if (skip && relu)
		apply(rows, c, x, n, skip, true, y);
	else if (skip)
		apply(rows, c, x, n, skip, false, y);
	else if (relu)
		apply(rows, c, x, n, NULL, true, y);
	else
		apply(rows, c, x, n, NULL, false, y);
}

SIMD void batch_norm_mask(size_t size, const float *y, float *dy)
{
	for (size_t i = 0; i < size; i++)
		dy[i] = y[i] > 0 ? dy[i] : 0;
}

/* dy behind the relu; where y is positive is computed again, from x, with the same bits. */
INLINE float behind(bool relu, float x, float mean, float factor, float bias, float dy)
{
	return !relu || normalised(x, mean, factor, bias) > 0 ? dy : 0;
}

INLINE void sums(size_t rows, size_t c, const float *restrict x, const float *restrict dy, const struct batch_norm_channels *n, bool relu,
	float *restrict sum, float *restrict along)
{
	const float *restrict mean = n->mean, *restrict factor = n->factor, *restrict bias = n->bias;

	for (size_t i = 0; i < rows * c; i += c)
		for (size_t j = 0; j < c; j++) {
			float g = behind(relu, x[i + j], mean[j], factor[j], bias[j], dy[i + j]);
			sum[j] += g;
			along[j] += g * (x[i + j] - mean[j]);
		}
}

SIMD void batch_norm_sums(
	size_t rows, size_t c, const float *x, const float *dy, const struct batch_norm_channels *n, bool relu, float *sum, float *along)
{
	if (relu)
		sums(rows, c, x, dy, n, true, sum, along);
	else
		sums(rows, c, x, dy, n, false, sum, along);
}

INLINE void backward(size_t rows, size_t c, const float *restrict x, const float *restrict dy, const struct batch_norm_channels *n,
	bool relu, bool add, float *restrict dx)
{
	const float *restrict mean = n->mean, *restrict factor = n->factor, *restrict bias = n->bias;
	const float *restrict average = n->average, *restrict slope = n->slope;

	for (size_t i = 0; i < rows * c; i += c)
		for (size_t j = 0; j < c; j++) {
			float g = behind(relu, x[i + j], mean[j], factor[j], bias[j], dy[i + j]);
			float d = factor[j] * (g - average[j] - (x[i + j] - mean[j]) * slope[j]);
			dx[i + j] = add ? dx[i + j] + d : d;
		}
}

SIMD void batch_norm_dx(
	size_t rows, size_t c, const float *x, const float *dy, const struct batch_norm_channels *n, bool relu, bool add, float *dx)
{
	if (relu && add)
		backward(rows, c, x, dy, n, true, true, dx);
	else if (relu)
		backward(rows, c, x, dy, n, true, false, dx);
	else if (add)
		backward(rows, c, x, dy, n, false, true, dx);
	else
		backward(rows, c, x, dy, n, false, false, dx);
}
