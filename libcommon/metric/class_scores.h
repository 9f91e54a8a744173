/* Classification by a linear classifier: zero-shot class vectors, or a trained head. */
#ifndef METRIC_CLASS_SCORES_H
#define METRIC_CLASS_SCORES_H

#include "core/err.h"
#include "metric/statistics.h"

#include <stddef.h>
#include <stdint.h>

struct class_vectors {
	size_t classes, width;
	const float *weight; /* [classes, width] */
	const float *bias;   /* [classes], or NULL */
};

/* scores [classes] = weight @ x + bias.  x: [width].  Error: a score is not finite. */
int class_scores(const struct class_vectors *vectors, const float *x, float *scores, struct err *err);

/* The class with the highest score; of several the first. */
size_t class_best(const float *scores, size_t classes);

/* Number of classes ranked before `label`: 0 if it is the best. */
size_t class_rank(const float *scores, size_t classes, size_t label);

/* Attack success rate: the share of triggered images, except those of the target's class, that are classified as the target; and the
 * share of the same images that are still classified correctly. */
struct asr {
	size_t target;
	uint64_t n;        /* images of other classes */
	uint64_t excluded; /* images of the target's class, which do not count */
	uint64_t hits, correct;
};

/* One triggered image: its true label and its predicted class. */
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

/* One image: its label (below classes) and the label's rank. */
void zeroshot_add(struct zeroshot *zeroshot, size_t label, size_t rank);

/* The mean accuracy over the classes that have images. */
double zeroshot_mean_per_class(const struct zeroshot *zeroshot);

/* The number of classes without images. */
size_t zeroshot_absent(const struct zeroshot *zeroshot);

#endif
