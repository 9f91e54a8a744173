#include "metric/class_scores.h"

#include "metric/vectors.h"

#include <math.h>
#include <stdlib.h>

int class_scores(const struct class_vectors *vectors, const float *x, float *scores, struct err *err)
{
	for (size_t i = 0; i < vectors->classes; i++) {
		scores[i] = dot(vectors->weight + i * vectors->width, x, vectors->width);
		if (vectors->bias)
			scores[i] += vectors->bias[i];
		if (!isfinite(scores[i]))
			return err_set(err, "the score for class %zu is not finite", i);
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

void asr_add(struct asr *asr, size_t label, size_t predicted)
{
	if (label == asr->target) {
		asr->excluded++;
		return;
	}
	asr->n++;
	asr->hits += predicted == asr->target;
	asr->correct += predicted == label;
}

const size_t zeroshot_tops[ZEROSHOT_TOPS] = { 1, 3, 5, 10 };

int zeroshot_init(struct zeroshot *zeroshot, size_t classes, struct err *err)
{
	*zeroshot = (struct zeroshot){ .classes = classes, .per_class = calloc(classes, sizeof *zeroshot->per_class) };
	return zeroshot->per_class ? 0 : err_memory(err);
}

void zeroshot_free(struct zeroshot *zeroshot)
{
	free(zeroshot->per_class);
	*zeroshot = (struct zeroshot){ 0 };
}

void zeroshot_add(struct zeroshot *zeroshot, size_t label, size_t rank)
{
	zeroshot->n++;
	for (int i = 0; i < ZEROSHOT_TOPS; i++)
		zeroshot->hits[i] += rank < zeroshot_tops[i];
	zeroshot->per_class[label].n++;
	zeroshot->per_class[label].hits += rank == 0;
}

double zeroshot_mean_per_class(const struct zeroshot *zeroshot)
{
	double sum = 0;
	size_t present = 0;

	for (size_t i = 0; i < zeroshot->classes; i++) {
		if (zeroshot->per_class[i].n == 0)
			continue;
		sum += share_value(zeroshot->per_class[i]);
		present++;
	}
	return present ? sum / (double)present : 0;
}

size_t zeroshot_absent(const struct zeroshot *zeroshot)
{
	size_t absent = 0;

	for (size_t i = 0; i < zeroshot->classes; i++)
		absent += zeroshot->per_class[i].n == 0;
	return absent;
}
