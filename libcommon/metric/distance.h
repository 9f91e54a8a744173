/* Distances between embeddings: of pairs, and over all pairs (uniformity). */
#ifndef METRIC_DISTANCE_H
#define METRIC_DISTANCE_H

#include "core/err.h"
#include "core/parallel.h"

#include <stddef.h>
#include <stdint.h>

struct distance {
	uint64_t n;
	double sum, squares; /* of Euclidean distances */
	double cosines;      /* sum */
};

/* Adds a pair; a, b: [width], such as an image with and without the trigger.  Returns their distance.  The cosine with a zero vector
 * counts as 0. */
double distance_add(struct distance *distance, const float *a, const float *b, size_t width);
double distance_mean(const struct distance *distance);   /* n >= 1, as below */
double distance_spread(const struct distance *distance); /* the standard deviation of the distances; 0 for n = 1 */

/* 1.96 standard errors of the mean. */
double distance_margin(const struct distance *distance);

/* Uniformity of embeddings on the hypersphere (Wang and Isola 2020, "Understanding contrastive representation learning through
 * alignment and uniformity on the hypersphere"). */

/* log of the mean of exp(-2 |a - b|^2) over all pairs of different points: 0 if all points coincide, about -4 if they are spread.
 * x: [n, width], n >= 2.  Uses blocked matrix products: the last digits depend on the CPU, not on the number of threads.
 * Errors: out of memory; distances so large that the mean is 0. */
int uniformity(const float *x, size_t n, size_t width, struct pool *pool, double *value, struct err *err);

#endif
