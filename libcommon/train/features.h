/* What a recipe learns from: the features of a batch, not normalised. */
#ifndef TRAIN_FEATURES_H
#define TRAIN_FEATURES_H

#include "clip/clip.h"
#include "train/batch.h"

/* Row v * records + i is view v of record i. */
struct features {
	struct tensor *image; /* [views * records, embed_dim] */
	struct tensor *text;  /* the same; NULL: nobody wants it */
};

/* Of all that is in the batch, which is full: of the parts (PART_IMAGE, PART_TEXT) that are asked for.  What fails fails
 * the tape. */
struct features features_of(struct tape *tape, struct clip *clip, const struct batch *batch, unsigned parts);

/* The cosine of each record's image and text, in the first view.  cosines: [batch's count] */
void features_cosines(const struct features *features, const struct batch *batch, float *cosines);

#endif
