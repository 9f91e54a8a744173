/* A linear classifier of embeddings: the class vectors of zero-shot, or a trained head. */
#ifndef METRIC_CLASSIFIER_H
#define METRIC_CLASSIFIER_H

#include "core/err.h"

#include <stddef.h>

struct classifier {
	size_t classes, width;
	const float *weight; /* [classes, width] */
	const float *bias;   /* [classes], or NULL */
};

/* scores[classes] = weight @ x + bias.  x: [width].  An error where one is not finite: such scores have no order. */
int classifier_scores(const struct classifier *classifier, const float *x, float *scores, struct err *err);

/* The class with the highest score; of equal ones the first. */
size_t classifier_best(const float *scores, size_t classes);

/* How many classes come before `label`: 0 is the best one. */
size_t classifier_rank(const float *scores, size_t classes, size_t label);

#endif
