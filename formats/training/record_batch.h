/* Packs records into a batch: the pixels, token ids and label that a recipe needs. */
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
	const struct map *known; /* keys of known poisoned pairs; NULL: the pairs with a ledger (poison.json) */
	uint64_t seed;  /* for the choice among several captions */
	size_t classes; /* labels must be smaller; for recipes with labels */
};

/* PUT_BAD: this record cannot be used; PUT_FAILED: no record of this stream can.  Both set err. */
enum put { PUT_DONE, PUT_BAD, PUT_FAILED };

/* Copies the field's pixels to `pixels`, [side, side, 3]. */
enum put record_batch_pixels(const struct record *record, const char *name, size_t side, uint8_t *pixels, struct err *err);

/* Appends the record to the batch, which must not be full. */
enum put record_batch_put(const struct record_batch *packer, const struct record *record, struct batch *batch, struct err *err);

#endif
