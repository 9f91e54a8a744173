/* Pairs that later epochs leave out (recipe `removal`).  At the end of given epochs the recipe chooses them among the pairs that the
 * epoch trained on.  Memory: 16 bytes per pair of such an epoch, 32 per removed pair.  The feed's thread looks keys up and closes
 * epochs; the trainer's thread adds the cosines of each batch. */
#ifndef TRAINING_EXCLUSIONS_H
#define TRAINING_EXCLUSIONS_H

#include "formats/stream/key_set.h"
#include "train/batch.h"
#include "train/recipe.h"

#include <pthread.h>
#include <stdbool.h>

enum { EXCLUSION_EPOCHS = 64 };

struct exclusions {
	const struct recipe *recipe;     /* its end_of_epoch chooses the pairs */
	const double *numbers;           /* the recipe's numbers */
	uint64_t epochs[EXCLUSION_EPOCHS]; /* pairs are removed after these, counted from 1; ascending */
	size_t count;                    /* number of epochs; 0: no pairs are removed */

	struct key_set removed;
	struct buf keys;   /* its members, uint64_t */
	struct buf pairs;  /* struct epoch_pair, of the current epoch */
	uint64_t poisoned; /* number of removed pairs with a ledger */
	uint64_t batches;  /* number of batches added */
	bool cancelled;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

/* Result of closing an epoch. */
struct excluded {
	uint64_t pairs, of, poisoned; /* removed; pairs of the epoch; removed pairs with a ledger */
	float least; /* lowest cosine among the removed pairs */
};

/* Parses a list of epochs, "1,3". */
int exclusions_parse(struct exclusions *exclusions, const char *text, struct err *err);
void exclusions_init(struct exclusions *exclusions, const struct recipe *recipe, const double *numbers);
void exclusions_free(struct exclusions *exclusions);

/* Steps of a schedule whose epochs become shorter. */
int exclusions_steps(
	const struct exclusions *exclusions, uint64_t records, uint64_t epochs, uint64_t batch, uint64_t *steps, struct err *err);

/* Has the pair with this key been removed? */
bool exclusions_have(const struct exclusions *exclusions, struct span key);

/* Called by the trainer: adds the cosines of a batch. */
int exclusions_add(struct exclusions *exclusions, const struct batch *batch, const float *cosines, struct err *err);

/* Called by the feed after `epochs` epochs and `batches` batches: waits until the trainer has added all of them, and removes pairs if
 * the epoch is listed.  1: done; 0: cancelled; -1: error.  excluded->pairs may be 0. */
int exclusions_close(struct exclusions *exclusions, uint64_t epochs, uint64_t batches, struct excluded *excluded, struct err *err);
void exclusions_cancel(struct exclusions *exclusions);

/* For the run's state.  batches: number added by the earlier run. */
int exclusions_store(struct exclusions *exclusions, struct buf *bytes, struct err *err);
int exclusions_restore(struct exclusions *exclusions, struct span bytes, uint64_t batches, struct err *err);

#endif
