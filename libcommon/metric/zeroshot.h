/* Accuracy of a classifier on labelled images: top 1, 3, 5, 10, and the mean over classes. */
#ifndef METRIC_ZEROSHOT_H
#define METRIC_ZEROSHOT_H

#include "core/err.h"
#include "metric/interval.h"

#include <stddef.h>

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
