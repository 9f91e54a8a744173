/* The inputs of a recipe's loss: the features of a batch, and one step's embeddings with the rows of this worker and of all workers.
 * The trainer fills them; a recipe sees neither workers nor the pieces that a batch is split into. */
#ifndef TRAIN_STEP_H
#define TRAIN_STEP_H

#include "clip/clip.h"
#include "train/batch.h"

struct recipe;
struct head;

/* Outputs of the towers, not normalised.  Row v * records + i is view v of record i. */
struct features {
	struct tensor *image; /* [views * records, embed_dim] */
	struct tensor *text;  /* the same shape; NULL if not requested */
};

/* Embeds a full batch.  parts: PART_IMAGE and PART_TEXT as needed.  An error fails the tape. */
struct features features_of(struct tape *tape, struct clip *clip, const struct batch *batch, unsigned parts);

/* Cosine of each record's image and text in the plain view.  cosines: [batch->count] */
void features_cosines(const struct features *features, const struct batch *batch, float *cosines);

/* Embeddings of a modality: own, [n, d], are rows first .. first + n of all, [m, d]. */
struct rows {
	struct tensor *own, *all;
	size_t first;
};

/* The workers that take part in a step; today always one process. */
struct group {
	size_t rank, size;
};

#define GROUP_OF_ONE ((struct group){ .rank = 0, .size = 1 })

/* The rows of all workers in the order of their ranks.  Gradients added to `all` reach the worker that owns the row.  own may be NULL
 * if the tape failed. */
struct rows group_gather(const struct group *group, struct tape *tape, struct tensor *own);

/* Replaces the gradients by their sum over all workers, added in the order of their ranks.  gradients: one contiguous array. */
int group_reduce(const struct group *group, float *gradients, size_t count, struct err *err);

/* *more: in, whether this worker has a next batch; out, whether every worker has. */
int group_agree(const struct group *group, bool *more, struct err *err);

struct step {
	struct tape *tape;
	const struct group *group;
	struct tensor *logit_scale; /* of the model, a logarithm */
	size_t count;               /* pairs of this worker, n */

	/* Embeddings, [n, embed_dim], L2-normalised; set unless the recipe has a head. */
	struct rows image, text;                     /* plain view */
	struct rows image_view, text_view;           /* augmented view; recipes with two views */
	struct rows image_reference, text_reference; /* plain view by the reference model, without gradients; recipes with one */

	struct tensor *image_features; /* [views * n, embed_dim], not normalised: the input of a head */
	struct head *head;             /* NULL: the recipe has none */
	const int32_t *labels;         /* [n]; recipes with labels */
	const bool *known;             /* [n]: known to be poisoned */
	const uint32_t *captions;      /* [n]: equal captions have equal numbers; NULL: each pair has one positive */
	const double *numbers;         /* the recipe's numbers, in the order of their declaration */
};

/* Sets step's embeddings from the features of a batch and those of the reference model (reference->image is NULL without one).
 * step->tape, group, head and numbers must be set.  An error fails the tape. */
void step_fill(struct step *step, const struct recipe *recipe, struct clip *clip, const struct features *features,
	const struct features *reference, const struct batch *batch);

/* The `captions` of a step, numbered by the tokens of each pair's plain caption.  NULL: the tape failed. */
const uint32_t *step_captions(struct tape *tape, const struct batch *batch);

/* This worker's rows among those of all workers. */
struct rows step_rows(struct step *step, struct tensor *own);

/* Features of the batch's plain view by the reference model, computed in `pieces` pieces, without gradients and with batch norm's
 * running statistics.  An error fails the tape. */
struct features step_reference(struct tape *tape, struct clip *reference, const struct batch *batch, unsigned parts, size_t pieces);

#endif
