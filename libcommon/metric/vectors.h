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

#endif
