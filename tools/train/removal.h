/* Progressive removal: at the end of given epochs the pairs whose image and text are most alike, as they were when they
 * were trained on in that epoch, are left out of all later epochs.  Keeps 16 bytes a pair of such an epoch, and 24 a pair
 * that is out.  The feed's thread asks and closes epochs; the trainer's adds what it has seen. */
#ifndef TOOLS_REMOVAL_H
#define TOOLS_REMOVAL_H

#include "formats/key_set.h"
#include "train/batch.h"

#include <pthread.h>
#include <stdbool.h>

enum { REMOVAL_EPOCHS = 64 };

struct removal {
	uint64_t epochs[REMOVAL_EPOCHS]; /* after these, counted from 1; ascending */
	size_t count;                    /* 0: nothing is ever left out */
	double share;                    /* of the pairs that were trained on */

	struct key_set out;
	struct buf keys;   /* of it, uint64_t */
	struct buf scored; /* struct scored, of the epoch at hand */
	uint64_t poisoned; /* of those that are out, by their ledger */
	uint64_t batches;  /* that were added */
	bool cancelled;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

struct removed {
	uint64_t pairs, of, poisoned; /* of an epoch that was closed */
	float least;                  /* cosine among the pairs */
};

/* "1,3" */
int removal_parse(struct removal *removal, const char *text, struct err *err);
void removal_init(struct removal *removal);
void removal_free(struct removal *removal);

/* The steps of a schedule in which epochs grow shorter. */
int removal_steps(const struct removal *removal, uint64_t records, uint64_t epochs, uint64_t batch, uint64_t *steps, struct err *err);

/* Is this one left out? */
bool removal_has(const struct removal *removal, struct span key);

/* The trainer: the cosines of a batch. */
int removal_add(struct removal *removal, const struct batch *batch, const float *cosines, struct err *err);

/* The feed: so many epochs have ended, and so many batches were filled.  Waits until all of them were added.  1; 0:
 * cancelled; -1.  removed->pairs is 0 where nothing is left out. */
int removal_close(struct removal *removal, uint64_t epochs, uint64_t batches, struct removed *removed, struct err *err);
void removal_cancel(struct removal *removal);

/* What a state holds of it.  `batches` were added by the run before. */
int removal_store(struct removal *removal, struct buf *bytes, struct err *err);
int removal_restore(struct removal *removal, struct span bytes, uint64_t batches, struct err *err);

#endif
