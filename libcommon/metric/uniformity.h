/* How evenly embeddings lie on their sphere, and how close the two halves of pairs (Wang and Isola 2020, "Understanding
 * contrastive representation learning through alignment and uniformity on the hypersphere"). */
#ifndef METRIC_UNIFORMITY_H
#define METRIC_UNIFORMITY_H

#include "core/err.h"
#include "core/parallel.h"

#include <stddef.h>

/* log of the mean over all pairs of different points of exp(-2 |a - b|^2): 0 where all are one, about -4 where they are
 * spread.  x: [n, width], n >= 2.  Distances by blocked matrix products: the last digits depend on the CPU, not on the number of
 * threads.  Errors: no memory; points that are so far apart that the mean is 0. */
int uniformity(const float *x, size_t n, size_t width, struct pool *pool, double *value, struct err *err);

#endif
