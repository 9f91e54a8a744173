/* Exponentials and the softmax of a row, in operations that compilers turn into SIMD. */
#ifndef NN_SOFTMAX_H
#define NN_SOFTMAX_H

#include "core/parallel.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A reduction is spread over LANES sums, so that any compiler turns it into SIMD: lane l takes elements l, l + LANES, ... */
enum { LANES = 16 };

/* y[i] = exp(x[i] - max) / sum; y may be x.  *log_sum (may be NULL): log of the sum of exp(x[i]).  size >= 1. */
void softmax_row(size_t size, const float *x, float *y, double *log_sum);

/* e^x as 2^n times a polynomial on [-ln 2 / 2, ln 2 / 2] (Cephes' expf).  Relative error below 2e-7.  Saturates at 1.2e-38
 * below -87.3 and at 2.4e38 above 88.3; NaN stays NaN. */
INLINE float exp_float(float x)
{
	const float round = 0x1.8p23f; /* adding it leaves the nearest integer in the low bits of the mantissa */
	float shifted, n, r, p, power;
	int32_t bits;

	x = x < -87.3f ? -87.3f : x;
	x = x > 88.3f ? 88.3f : x;
	shifted = x * 1.44269504f + round;
	n = shifted - round;
	r = x - n * .693359375f + n * 2.12194440e-4f;
	p = 1.9875691500e-4f;
	p = p * r + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	p = p * (r * r) + r + 1;
	memcpy(&bits, &shifted, sizeof bits);
	bits = (int32_t)((uint32_t)(bits + 127) << 23); /* the constant's own bits are shifted out */
	memcpy(&power, &bits, sizeof power);
	return p * power;
}

/* 1 / (1 + e^-x), from the exponential of -|x|, limited to -80: denormal floats, which are slow, do not occur. */
INLINE float logistic(float x)
{
	float size = x < 0 ? -x : x, e = exp_float(size > 80 ? -80 : -size);

	return (x < 0 ? e : 1) / (1 + e);
}

#endif
