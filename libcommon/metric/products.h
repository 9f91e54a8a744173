/* All inner products of two sets of rows, block by block, by matrix multiplication.  Their rounding depends on the CPU: what must
 * not depend on it decides by `dot` (metric/vectors.h) where the error leaves a choice. */
#ifndef METRIC_PRODUCTS_H
#define METRIC_PRODUCTS_H

#include "core/err.h"
#include "core/parallel.h"

#include <stdbool.h>
#include <stddef.h>

enum { PRODUCTS_ROWS = 256, PRODUCTS_COLUMNS = 512 }; /* a block stays in L2 beside the rows that make it */

struct products_block {
	size_t row, rows, column, columns;
	const float *data; /* [rows, PRODUCTS_COLUMNS], of which `columns` are used */
};

/* Calls look for each block of a [m, width] times b [n, width]; with `upper` not for blocks below the diagonal.  Blocks of the same
 * rows come in ascending order, from one thread.  Memory: 0.5 MB for each thread. */
int products_each(const float *a, size_t m, const float *b, size_t n, size_t width, bool upper, struct pool *pool,
	void (*look)(void *context, const struct products_block *block), void *context, struct err *err);

/* How far two sums of `width` products, added in any order, may differ, relative to the lengths of both vectors; twice that. */
double products_error(size_t width);

#endif
