/* A batch that is processed in pieces to save memory, with the loss of the whole batch (GradCache: Gao et al. 2021, "Scaling deep
 * contrastive learning batch size under memory limited setup").  First the features of all pieces are computed without a tape, then
 * the loss of the whole batch, then each piece again, forward and backward from the gradients of its features.  Without batch norm
 * the gradients equal those of the unsplit batch up to rounding. */
#ifndef TRAIN_MICRO_BATCHES_H
#define TRAIN_MICRO_BATCHES_H

#include "train/step.h"

struct micro_batches {
	size_t pieces;
	unsigned parts;             /* towers to compute: PART_IMAGE, PART_TEXT */
	struct batch piece;         /* the current piece, copied from the batch */
	struct tensor image, text;  /* features of the whole batch; with gradients if the tower is trained */
	float *statistics;          /* batch norm's running statistics before the step */
	struct arena arena;         /* of everything except the piece */
};

/* shape: of the whole batch, its records a multiple of pieces.  parts, trained: PART_IMAGE, PART_TEXT.  The caller frees with
 * micro_batches_free, also after an error. */
int micro_batches_init(struct micro_batches *micro, size_t pieces, const struct batch_shape *shape, const struct clip *clip, unsigned parts,
	unsigned trained, struct err *err);
/* Estimate of the bytes that it takes in addition to the arena of the tape. */
size_t micro_batches_bytes(size_t pieces, const struct batch_shape *shape, const struct clip_config *config);
void micro_batches_free(struct micro_batches *micro);

/* Computes the features of the whole batch without recording.  Running statistics do not change: the second pass updates them once
 * per piece.  -1: no memory. */
int micro_batches_embed(
	struct micro_batches *micro, struct tape *tape, struct clip *clip, const struct batch *batch, struct features *features);

/* After the gradients of the features were computed: adds the gradients of the parameters.  Resets the tape.  -1: no memory. */
int micro_batches_backward(struct micro_batches *micro, struct tape *tape, struct clip *clip, const struct batch *batch);

#endif
