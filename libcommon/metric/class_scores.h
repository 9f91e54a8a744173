/* What a linear classifier makes of an embedding: the class vectors of zero-shot, or a trained head. */
#ifndef METRIC_CLASS_SCORES_H
#define METRIC_CLASS_SCORES_H

#include "core/err.h"

#include <stddef.h>

struct class_vectors {
	size_t classes, width;
	const float *weight; /* [classes, width] */
	const float *bias;   /* [classes], or NULL */
};

/* scores[classes] = weight @ x + bias.  x: [width].  An error where one is not finite: such scores have no order. */
int class_scores(const struct class_vectors *vectors, const float *x, float *scores, struct err *err);

/* The class with the highest score; of equal ones the first. */
size_t class_best(const float *scores, size_t classes);

/* How many classes come before `label`: 0 is the best one. */
size_t class_rank(const float *scores, size_t classes, size_t label);

#endif
