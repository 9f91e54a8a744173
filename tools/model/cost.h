/* What it costs to use a model: found by going through a step without doing it. */
#ifndef TOOLS_COST_H
#define TOOLS_COST_H

#include "clip/clip.h"
#include "train/recipe.h"

/* Floating point operations of the matrix products, forward: two for a multiplication and its addition. */
struct cost {
	double image, text; /* of one image; of one text that fills the context */
	size_t clip[2], cleanclip[2]; /* bytes of a training step by that recipe, as it is and with --recompute: parameters, gradients,
					 AdamW's moments, and what the backward needs of the forward */
};

/* batch: records in a step, texts of full length. */
int cost_of(struct cost *cost, const struct clip_config *config, size_t batch, struct err *err);

struct cost_step {
	const struct recipe *recipe;
	size_t records, pieces; /* pieces: of --accumulate, at least 1 */
	size_t length;          /* of each text */
	bool recompute, frozen_bn;
	unsigned frozen;        /* enum parameter_part */
};

/* The most memory that such a step takes beside the parameters, their gradients and moments. */
int cost_of_step(const struct clip_config *config, const struct cost_step *step, size_t *bytes, struct err *err);

#endif
