/* Vectors that cannot be told apart: what makes a score a matter of their order. */
#ifndef METRIC_VECTORS_H
#define METRIC_VECTORS_H

#include "core/err.h"

#include <stddef.h>

/* Rows that equal an earlier row, bit for bit, and the first pair of them. */
struct repeats {
	size_t count, row, earlier;
};

/* rows: [n, width].  16 bytes a row of scratch. */
int vectors_repeats(const float *rows, size_t n, size_t width, struct repeats *repeats, struct err *err);

/* Inner products whose bits depend on the two vectors alone: equal vectors tie, wherever they stand. */

/* Sixteen partial sums, then those: the same on every width of SIMD. */
float dot(const float *a, const float *b, size_t n);

/* Of a - b with itself, summed in the same way. */
float square_distance(const float *a, const float *b, size_t n);

#endif
