#include "core/float_types.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static float from_bits(uint32_t bits)
{
	float number;

	memcpy(&number, &bits, sizeof number);
	return number;
}

/* IEEE 754 binary16: 5 bits of exponent, 10 of fraction. */
static float from_half(uint16_t half)
{
	const uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 0x3FF;

	if (exponent == 31)
		return from_bits(sign | 0x7F800000 | fraction << 13);
	if (exponent)
		return from_bits(sign | (exponent + 112) << 23 | fraction << 13);
	float small = ldexpf((float)fraction, -24);
	return sign ? -small : small;
}

static uint16_t get_16(const unsigned char *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

int floats_from(float *to, const void *from, size_t count, const char *type)
{
	const unsigned char *bytes = from;
	double number;

	if (strcmp(type, "F32") == 0)
		memcpy(to, from, count * sizeof *to);
	else if (strcmp(type, "F16") == 0)
		for (size_t i = 0; i < count; i++)
			to[i] = from_half(get_16(bytes + 2 * i));
	else if (strcmp(type, "BF16") == 0)
		for (size_t i = 0; i < count; i++)
			to[i] = from_bits((uint32_t)get_16(bytes + 2 * i) << 16);
	else if (strcmp(type, "F64") == 0)
		for (size_t i = 0; i < count; i++) {
			memcpy(&number, bytes + 8 * i, sizeof number);
			to[i] = (float)number;
		}
	else
		return -1;
	return 0;
}

size_t floats_not_finite(const float *numbers, size_t count)
{
	size_t i = 0;

	while (i < count && isfinite(numbers[i]))
		i++;
	return i;
}
