/* Inner products whose bits depend on the two vectors alone: equal vectors tie, wherever they stand. */
#ifndef METRIC_DOT_H
#define METRIC_DOT_H

#include <stddef.h>

/* Sixteen partial sums, then those: the same on every width of SIMD. */
float dot(const float *a, const float *b, size_t n);

/* Of a - b with itself, summed in the same way. */
float square_distance(const float *a, const float *b, size_t n);

#endif
