/* A batch that is too large for the memory, in pieces, but with its loss whole (Gao et al. 2021, "Scaling deep
 * contrastive learning batch size under memory limited setup"): features of all pieces without a tape, the loss on all
 * of them, and then piece by piece forward again and backward from the features' gradients.  The same gradients up to
 * rounding, where no batch norm looks at the piece it is in. */
#ifndef TRAIN_MICRO_BATCHES_H
#define TRAIN_MICRO_BATCHES_H

#include "train/features.h"

struct micro_batches {
	size_t pieces;
	unsigned parts;             /* whose features are wanted */
	struct batch piece;         /* what is worked on, copied out of the batch */
	struct tensor image, text;  /* features of the whole batch; they want a gradient where the tower is trained */
	float *statistics;          /* batch norms' running ones, as they were before the step */
	struct arena arena;         /* of all but the piece */
};

/* For batches of that shape, whose records are a multiple of pieces.  parts, and those of them that are trained: PART_IMAGE,
 * PART_TEXT.
 * The caller frees with micro_batches_free, also after an error. */
int micro_batches_init(struct micro_batches *micro, size_t pieces, const struct batch_shape *shape, const struct clip *clip, unsigned parts,
	unsigned trained, struct err *err);
/* About what that takes, beside the arena of the tape. */
size_t micro_batches_bytes(size_t pieces, const struct batch_shape *shape, const struct clip_config *config);
void micro_batches_free(struct micro_batches *micro);

/* The features of the whole batch, without a tape behind them.  Running statistics stay as they are: they are updated
 * once a piece, by the second pass.  -1: no memory. */
int micro_batches_embed(
	struct micro_batches *micro, struct tape *tape, struct clip *clip, const struct batch *batch, struct features *features);

/* Their gradients are there: adds those of the parameters.  Resets the tape.  -1: no memory. */
int micro_batches_backward(struct micro_batches *micro, struct tape *tape, struct clip *clip, const struct batch *batch);

#endif
