/* How far apart the embeddings of pairs are: an image with and without the trigger. */
#ifndef METRIC_DISTANCE_H
#define METRIC_DISTANCE_H

#include <stddef.h>
#include <stdint.h>

struct distance {
	uint64_t n;
	double sum, squares; /* of Euclidean distances */
	double cosines;      /* of the angles between */
};

/* a, b: [width].  Returns their distance.  The cosine with a zero vector counts as 0. */
double distance_add(struct distance *distance, const float *a, const float *b, size_t width);
double distance_mean(const struct distance *distance);   /* n >= 1, as below */
double distance_spread(const struct distance *distance); /* the standard deviation of the distances; 0 for n = 1 */

/* 1.96 standard errors of the mean. */
double distance_margin(const struct distance *distance);

#endif
