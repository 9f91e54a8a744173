#include "metric/class_scores.h"
#include "metric/dot.h"

#include <math.h>

int class_scores(const struct class_vectors *vectors, const float *x, float *scores, struct err *err)
{
	for (size_t i = 0; i < vectors->classes; i++) {
		scores[i] = dot(vectors->weight + i * vectors->width, x, vectors->width);
		if (vectors->bias)
			scores[i] += vectors->bias[i];
		if (!isfinite(scores[i]))
			return err_set(err, "its score for class %zu is not finite", i);
	}
	return 0;
}

size_t class_best(const float *scores, size_t classes)
{
	size_t best = 0;

	for (size_t i = 1; i < classes; i++)
		if (scores[i] > scores[best])
			best = i;
	return best;
}

size_t class_rank(const float *scores, size_t classes, size_t label)
{
	size_t rank = 0;

	for (size_t i = 0; i < classes; i++)
		rank += scores[i] > scores[label] || (scores[i] == scores[label] && i < label);
	return rank;
}
