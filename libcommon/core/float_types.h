/* Numbers as other programs store them, made float32. */
#ifndef CORE_FLOAT_TYPES_H
#define CORE_FLOAT_TYPES_H

#include <stddef.h>

/* Little endian numbers of a type as safetensors calls it: F32, F16, BF16, F64.  -1: another type. */
int floats_from(float *to, const void *from, size_t count, const char *type);

/* The first that is not finite; count: none. */
size_t floats_not_finite(const float *numbers, size_t count);

#endif
