#include "nn/softmax.h"

#include <math.h>

INLINE float softmax_row_max(size_t size, const float *x)
{
	float max = x[0];

	for (size_t i = 1; i < size; i++)
		max = x[i] > max ? x[i] : max;
	return max;
}

/* LANES exponentials, stored in y and added to sum; those from `size` on are not added. */
INLINE void softmax_exponentials(size_t size, const float *x, float max, float *y, float *sum)
{
	for (size_t l = 0; l < LANES; l++) {
		float value = exp_float(x[l] - max);
		y[l] = value;
		sum[l] += l < size ? value : 0;
	}
}

SIMD void softmax_row(size_t size, const float *x, float *y, double *log_sum)
{
	float max = softmax_row_max(size, x), lane[LANES] = { 0 }, rest[LANES];
	double sum = 0;
	size_t i = 0;

	for (; i + LANES <= size; i += LANES)
		softmax_exponentials(LANES, x + i, max, y + i, lane);
	for (size_t l = 0; l < LANES; l++)
		rest[l] = i + l < size ? x[i + l] : max;
	softmax_exponentials(size - i, rest, max, rest, lane);
	for (size_t l = 0; l < LANES; l++)
		sum += (double)lane[l];
	float share = (float)(1 / sum);
	for (size_t k = 0; k < i; k++)
		y[k] *= share;
	for (size_t l = 0; i + l < size; l++)
		y[i + l] = rest[l] * share;
	if (log_sum)
		*log_sum = log(sum) + (double)max;
}
