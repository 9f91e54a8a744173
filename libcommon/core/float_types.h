/* Conversion of stored floating-point types to float32. */
#ifndef CORE_FLOAT_TYPES_H
#define CORE_FLOAT_TYPES_H

#include <stddef.h>

/* Converts `count` little-endian numbers of a type named as in safetensors: F32, F16, BF16, F64.  -1: another type. */
int floats_from(float *to, const void *from, size_t count, const char *type);

/* Index of the first number that is not finite; count: none. */
size_t floats_not_finite(const float *numbers, size_t count);

#endif
