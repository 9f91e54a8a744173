/* Pairs that later epochs leave out.  At the end of given epochs the recipe says which of the pairs that were trained on in
 * that epoch these are.  Keeps 16 bytes for each pair of such an epoch, and 32 for each pair that is left out.  The feed's
 * thread asks and closes epochs; the trainer's adds what it has seen. */
#ifndef TRAINING_EXCLUSIONS_H
#define TRAINING_EXCLUSIONS_H

#include "formats/stream/key_set.h"
#include "train/batch.h"
#include "train/recipe.h"

#include <pthread.h>
#include <stdbool.h>

enum { EXCLUSION_EPOCHS = 64 };

struct exclusions {
	const struct recipe *recipe;     /* its end_of_epoch decides */
	const double *numbers;           /* the recipe's own */
	uint64_t epochs[EXCLUSION_EPOCHS]; /* after these, counted from 1; ascending */
	size_t count;                    /* of them; 0: nothing is ever left out */

	struct key_set out;
	struct buf keys;   /* of it, uint64_t */
	struct buf pairs;  /* struct epoch_pair, of the epoch at hand */
	uint64_t poisoned; /* of those that are left out, by their ledger */
	uint64_t batches;  /* added */
	bool cancelled;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

/* What a closed epoch left out. */
struct excluded {
	uint64_t pairs, of, poisoned;
	float least; /* cosine among the pairs */
};

/* "1,3" */
int exclusions_parse(struct exclusions *exclusions, const char *text, struct err *err);
void exclusions_init(struct exclusions *exclusions, const struct recipe *recipe, const double *numbers);
void exclusions_free(struct exclusions *exclusions);

/* Steps of a schedule in which epochs grow shorter. */
int exclusions_steps(
	const struct exclusions *exclusions, uint64_t records, uint64_t epochs, uint64_t batch, uint64_t *steps, struct err *err);

/* Whether it is left out. */
bool exclusions_have(const struct exclusions *exclusions, struct span key);

/* The trainer: the cosines of a batch. */
int exclusions_add(struct exclusions *exclusions, const struct batch *batch, const float *cosines, struct err *err);

/* The feed: `epochs` have ended, and `batches` were filled.  Waits until all of them were added.  1; 0: cancelled; -1.
 * excluded->pairs is 0 where nothing is left out. */
int exclusions_close(struct exclusions *exclusions, uint64_t epochs, uint64_t batches, struct excluded *excluded, struct err *err);
void exclusions_cancel(struct exclusions *exclusions);

/* For a run's state.  `batches` were added by the run before. */
int exclusions_store(struct exclusions *exclusions, struct buf *bytes, struct err *err);
int exclusions_restore(struct exclusions *exclusions, struct span bytes, uint64_t batches, struct err *err);

#endif
