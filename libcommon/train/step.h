/* What a recipe's loss is computed from: one step's embeddings, rows of this worker and of all workers.  The trainer fills it;
 * a recipe sees neither workers nor the pieces that a batch is worked on in. */
#ifndef TRAIN_STEP_H
#define TRAIN_STEP_H

#include "train/features.h"
#include "train/group.h"
#include "train/head.h"

struct recipe;

struct step {
	struct tape *tape;
	const struct group *group;
	struct tensor *logit_scale; /* of the model, a logarithm */
	size_t count;               /* pairs of this worker, n */

	/* Embeddings, [n, embed_dim], L2-normalised; set where the recipe contrasts pairs. */
	struct rows image, text;                     /* plain view */
	struct rows image_view, text_view;           /* augmented view: recipes with two */
	struct rows image_reference, text_reference; /* plain view by the reference model, without gradients: recipes with one */

	struct tensor *image_features; /* [views * n, embed_dim], not normalised: what a head takes */
	struct head *head;             /* NULL: the recipe has none */
	const int32_t *labels;         /* [n], of recipes with labels */
	const bool *known;             /* [n]: known to be poisoned */
	const uint32_t *captions;      /* [n]: equal captions have equal numbers; NULL: each pair has one positive */
	const double *numbers;         /* the recipe's own, in the order of its declaration */
};

/* Fills step's embeddings from the features of a batch, and from those of the reference model (its image NULL: none).
 * step->tape, group, head and numbers are set.  What fails fails the tape. */
void step_fill(struct step *step, const struct recipe *recipe, struct clip *clip, const struct features *features,
	const struct features *reference, const struct batch *batch);

/* The `captions` of a step: by the tokens of each pair's plain caption.  NULL: the tape failed. */
const uint32_t *step_captions(struct tape *tape, const struct batch *batch);

/* The own rows among those of all workers. */
struct rows step_rows(struct step *step, struct tensor *own);

/* Features of the batch's plain view by another model, computed in that many pieces.  It gets no gradients, and its batch
 * norms take running statistics.  What fails fails the tape. */
struct features step_reference(struct tape *tape, struct clip *reference, const struct batch *batch, unsigned parts, size_t pieces);

#endif
