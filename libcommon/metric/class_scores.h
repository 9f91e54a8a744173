/* What a linear classifier makes of an embedding: the class vectors of zero-shot, or a trained head. */
#ifndef METRIC_CLASS_SCORES_H
#define METRIC_CLASS_SCORES_H

#include "core/err.h"
#include "metric/interval.h"

#include <stddef.h>
#include <stdint.h>

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

/* Attack success rate: of the triggered images whose true class is not the target's, the share that is taken for the
 * target; and of the same images the share that is still recognised for what it is. */
struct asr {
	size_t target;
	uint64_t n;        /* images of other classes */
	uint64_t excluded; /* images of the target's class: nothing can be told from them */
	uint64_t hits, correct;
};

/* One triggered image: its true label and what it is taken for. */
void asr_add(struct asr *asr, size_t label, size_t predicted);

/* Accuracy of a classifier on labelled images: top 1, 3, 5, 10, and the mean over classes. */
enum { ZEROSHOT_TOPS = 4 };
extern const size_t zeroshot_tops[ZEROSHOT_TOPS];

struct zeroshot {
	size_t classes;
	uint64_t n, hits[ZEROSHOT_TOPS];
	struct share *per_class; /* [classes], top 1 */
};

/* The caller frees with zeroshot_free. */
int zeroshot_init(struct zeroshot *zeroshot, size_t classes, struct err *err);
void zeroshot_free(struct zeroshot *zeroshot);

/* One image: its label (below classes), and how many classes scored higher. */
void zeroshot_add(struct zeroshot *zeroshot, size_t label, size_t rank);

/* The mean of the accuracies of those classes that have images. */
double zeroshot_mean_per_class(const struct zeroshot *zeroshot);

/* The number of classes without images. */
size_t zeroshot_absent(const struct zeroshot *zeroshot);

#endif
