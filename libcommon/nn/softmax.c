#include "nn/softmax.h"

#include "nn/exp.h"

#include <math.h>

INLINE float row_max(size_t size, const float *x)
{
	float max = x[0];

	for (size_t i = 1; i < size; i++)
		max = x[i] > max ? x[i] : max;
	return max;
}

SIMD double softmax_row(size_t size, const float *x, float *y)
{
	float max = row_max(size, x), lane[LANES] = { 0 };
	double sum = 0;
	size_t i = 0;

	for (; i + LANES <= size; i += LANES)
		for (size_t l = 0; l < LANES; l++)
			lane[l] += y[i + l] = exp_float(x[i + l] - max);
	for (; i < size; i++)
		sum += (double)(y[i] = exp_float(x[i] - max));
	for (size_t l = 0; l < LANES; l++)
		sum += (double)lane[l];
	float share = (float)(1 / sum);
	for (i = 0; i < size; i++)
		y[i] *= share;
	return log(sum) + (double)max;
}
