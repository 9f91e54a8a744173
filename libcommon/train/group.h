/* Who takes part in a step: one process.  Recipes see what comes of it as `struct rows`; the trainer uses the other verbs. */
#ifndef TRAIN_GROUP_H
#define TRAIN_GROUP_H

#include "core/err.h"
#include "nn/tape.h"

#include <stdbool.h>

/* Embeddings of a modality: [n, d] of this worker, which are rows first .. first + n of all, [m, d]. */
struct rows {
	struct tensor *own, *all;
	size_t first;
};

struct group {
	size_t rank, size;
};

#define GROUP_OF_ONE ((struct group){ .rank = 0, .size = 1 })

/* The rows of all workers, in the order of their ranks; gradients that are added to `all` reach the worker whose rows they are.
 * own may be NULL where the tape failed. */
struct rows group_gather(const struct group *group, struct tape *tape, struct tensor *own);

/* The sum over all workers, added in the order of their ranks, in each of them.  For a set of gradients, which lie in one
 * piece of memory. */
int group_reduce(const struct group *group, float *gradients, size_t count, struct err *err);

/* Whether every worker has a next batch: at the first that has none all end.  *more: in, this worker's; out, everyone's. */
int group_agree(const struct group *group, bool *more, struct err *err);

#endif
