#include "nn/batch_norm_rows.h"

#include "nn/simd.h"

#include <string.h>

enum { BLOCK_ROWS = 64, BLOCK_COLUMNS = 64 }; /* summed in float, in registers and L1, before it goes into a double */

INLINE void block_moments(size_t rows, size_t width, size_t c, const float *x, const float *shift, double *sum,
	double *square)
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

SIMD void batch_norm_apply(size_t rows, size_t c, const float *x, const float *mean, const float *factor,
	const float *bias, const float *skip, bool relu, float *y)
{
	for (size_t i = 0; i < rows * c; i += c)
		for (size_t j = 0; j < c; j++) {
			float value = (x[i + j] - mean[j]) * factor[j] + bias[j];
			value += skip ? skip[i + j] : 0;
			y[i + j] = relu && value < 0 ? 0 : value;
		}
}

SIMD void batch_norm_sums(size_t rows, size_t c, const float *x, const float *y, const float *dy, const float *mean,
	bool relu, bool add, float *dskip, float *sum, float *along)
{
	for (size_t i = 0; i < rows * c; i += c)
		for (size_t j = 0; j < c; j++) {
			float g = relu && !(y[i + j] > 0) ? 0 : dy[i + j];
			sum[j] += g;
			along[j] += g * (x[i + j] - mean[j]);
			if (dskip)
				dskip[i + j] = g + (add ? dskip[i + j] : 0);
		}
}

SIMD void batch_norm_dx(size_t rows, size_t c, const float *x, const float *y, const float *dy, const float *mean,
	const float *factor, const float *average, const float *slope, bool relu, bool add, float *dx)
{
	for (size_t i = 0; i < rows * c; i += c)
		for (size_t j = 0; j < c; j++) {
			float g = relu && !(y[i + j] > 0) ? 0 : dy[i + j];
			float d = factor[j] * (g - average[j] - (x[i + j] - mean[j]) * slope[j]);
			dx[i + j] = d + (add ? dx[i + j] : 0);
		}
}
