/* e^x in operations that a compiler turns into SIMD: 2^n times a polynomial on [-ln 2 / 2, ln 2 / 2] (Cephes' expf).
 * Relative error below 2e-7; below -87.3 it stays at 1.2e-38, above 88.3 at 2.4e38; NaN stays NaN. */
#ifndef NN_EXP_H
#define NN_EXP_H

#include "core/simd.h"

#include <stdint.h>
#include <string.h>

INLINE float exp_float(float x)
{
	const float round = 0x1.8p23f; /* adding it leaves the nearest integer in the low bits */
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

/* 1 / (1 + e^-x), by the exponential of a number below 0: nothing comes near the smallest floats, which are slow. */
INLINE float logistic(float x)
{
	float size = x < 0 ? -x : x, e = exp_float(size > 80 ? -80 : -size);

	return (x < 0 ? e : 1) / (1 + e);
}

#endif
