/* A record as a row of a batch: its pixels, the ids of its text, its label, as a recipe wants them. */
#ifndef TRAINING_RECORD_BATCH_H
#define TRAINING_RECORD_BATCH_H

#include "core/map.h"
#include "core/record.h"
#include "text/bpe.h"
#include "train/batch.h"
#include "train/recipe.h"

struct record_batch {
	const struct recipe *recipe;
	const struct bpe *bpe;
	const struct map *known; /* keys of poisoned pairs; NULL: those with a ledger (poison.json) */
	uint64_t seed;  /* which of several captions an epoch takes */
	size_t classes; /* labels are below; where the recipe has labels */
};

/* PUT_BAD: this record cannot be used; PUT_FAILED: no other could be either.  err says why. */
enum put { PUT_DONE, PUT_BAD, PUT_FAILED };

/* The pixels of a field, [side, side, 3]. */
enum put record_batch_pixels(const struct record *record, const char *name, size_t side, uint8_t *pixels, struct err *err);

/* Appends a row; there must be room for it. */
enum put record_batch_put(const struct record_batch *how, const struct record *record, struct batch *batch, struct err *err);

#endif
