#include "metric/classifier.h"
#include "metric/dot.h"

#include <math.h>

int classifier_scores(const struct classifier *classifier, const float *x, float *scores, struct err *err)
{
	for (size_t i = 0; i < classifier->classes; i++) {
		scores[i] = dot(classifier->weight + i * classifier->width, x, classifier->width);
		if (classifier->bias)
			scores[i] += classifier->bias[i];
		if (!isfinite(scores[i]))
			return err_set(err, "its score for class %zu is not finite", i);
	}
	return 0;
}

size_t classifier_best(const float *scores, size_t classes)
{
	size_t best = 0;

	for (size_t i = 1; i < classes; i++)
		if (scores[i] > scores[best])
			best = i;
	return best;
}

size_t classifier_rank(const float *scores, size_t classes, size_t label)
{
	size_t rank = 0;

	for (size_t i = 0; i < classes; i++)
		rank += scores[i] > scores[label] || (scores[i] == scores[label] && i < label);
	return rank;
}
