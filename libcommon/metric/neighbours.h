/* The nearest of many points, exactly: distances by blocked matrix products decide which pairs are worth a look, and
 * square_distance (metric/vectors.h) decides among these.  So the result is a function of the points alone: the same on every
 * CPU, at any number of threads, and however the references are cut into blocks. */
#ifndef METRIC_NEIGHBOURS_H
#define METRIC_NEIGHBOURS_H

#include "core/err.h"
#include "core/parallel.h"

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
	size_t self;               /* query i is reference self + i, which is no neighbour of its own; NEIGHBOURS_NO_SELF: none is */
	struct neighbour *nearest; /* [m, k], ascending; equal distances in the order of the references */
	size_t *counts;            /* [m]: found so far, at most k */
	float *squares;            /* [m]: |query|^2 */
};

/* Points must be finite.  The caller frees with neighbours_free, also after an error.  Memory: 8 bytes for each of m * k, and
 * 0.5 MB for each thread while references are added. */
int neighbours_init(struct neighbours *search, const float *queries, size_t m, size_t width, size_t k, size_t self, struct err *err);
void neighbours_free(struct neighbours *search);

/* References first .. first + n, [n, width]: all blocks together in ascending order, below 2^32. */
int neighbours_add(struct neighbours *search, const float *references, size_t first, size_t n, struct pool *pool, struct err *err);

#endif
