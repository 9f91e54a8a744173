/* Exact k-nearest-neighbour search.  Blocked matrix products select the pairs that may be near, and square_distance (metric/vectors.h)
 * compares these.  So the result depends on the points alone: it is the same on every CPU, for any number of threads, and for any
 * division of the references into blocks. */
#ifndef METRIC_NEIGHBOURS_H
#define METRIC_NEIGHBOURS_H

#include "core/err.h"
#include "core/parallel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct neighbour {
	float distance; /* squared, Euclidean */
	uint32_t index; /* of the reference */
};

#define NEIGHBOURS_NO_SELF SIZE_MAX

struct neighbours {
	const float *queries; /* [m, width], borrowed */
	size_t m, width, k;
	size_t self; /* query i is reference self + i, and not its own neighbour; NEIGHBOURS_NO_SELF: queries are not references */
	struct neighbour *nearest; /* [m, k], ascending; equal distances in the order of the references */
	size_t *counts; /* [m]: neighbours found so far, at most k */
	float *squares; /* [m]: |query|^2 */
};

/* Points must be finite.  Memory: 8 bytes for each of m * k, and 0.5 MB for each thread while references are added.  The caller frees
 * with neighbours_free, also after an error. */
int neighbours_init(struct neighbours *search, const float *queries, size_t m, size_t width, size_t k, size_t self, struct err *err);
void neighbours_free(struct neighbours *search);

/* Adds references first .. first + n - 1, [n, width].  Blocks must be added in ascending order; indices must be below 2^32. */
int neighbours_add(struct neighbours *search, const float *references, size_t first, size_t n, struct pool *pool, struct err *err);

/* All inner products of two sets of rows, block by block, by matrix multiplication.  Their rounding depends on the CPU.  A result
 * that must not depend on it uses `dot` (metric/vectors.h) wherever the error leaves a choice. */

enum { PRODUCTS_ROWS = 256, PRODUCTS_COLUMNS = 512 }; /* a block fits in L2 with its rows and columns */

struct products_block {
	size_t row, rows, column, columns;
	const float *data; /* [rows, PRODUCTS_COLUMNS], of which `columns` are used */
};

/* Calls look for each block of a [m, width] times b [n, width]'; with `upper`, not for blocks below the diagonal.  Blocks of the same
 * rows are computed in ascending order by one thread.  Memory: 0.5 MB for each thread. */
int products_each(const float *a, size_t m, const float *b, size_t n, size_t width, bool upper, struct pool *pool,
	void (*look)(void *context, const struct products_block *block), void *context, struct err *err);

/* Twice the largest difference of two sums of `width` products added in different orders, relative to the lengths of both vectors. */
double products_error(size_t width);

#endif
