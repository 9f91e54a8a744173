/* What it costs to use a model: found by a dry run of a step. */
#ifndef TRAIN_COST_H
#define TRAIN_COST_H

#include "clip/clip.h"
#include "train/recipe.h"

enum { COST_RECIPES = 32 };

/* Memory of a training step by that recipe: parameters, a reference model where it has one, gradients, AdamW's moments, and what
 * the backward needs of the forward. */
struct cost_recipe {
	const struct recipe *recipe;
	size_t bytes, bytes_recompute; /* the second with --recompute */
};

/* Floating point operations of the matrix products, forward: two for a multiplication and its addition. */
struct cost {
	double image, text; /* of one image; of one text that fills the context */
	struct cost_recipe recipes[COST_RECIPES]; /* those that train on pairs */
	size_t recipe_count;
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

/* Bytes of the reference model that a recipe keeps beside the one that is trained; 0: it has none. */
size_t cost_of_reference(const struct recipe *recipe, const struct parameters *set);

/* The most memory that such a step takes beside the parameters, their gradients and moments, and the reference model. */
int cost_of_step(const struct clip_config *config, const struct cost_step *step, size_t *bytes, struct err *err);

#endif
