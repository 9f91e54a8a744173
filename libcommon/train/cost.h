/* Memory and floating point operations of a model, found by a dry run of a step. */
#ifndef TRAIN_COST_H
#define TRAIN_COST_H

#include "clip/clip.h"
#include "train/recipe.h"

enum { COST_RECIPES = 32 };

/* Memory of a training step of a recipe, in bytes: parameters, reference model if any, gradients, AdamW's moments, and the activations
 * kept for the backward pass. */
struct cost_recipe {
	const struct recipe *recipe;
	size_t bytes, bytes_recompute; /* without and with --recompute */
};

/* image, text: floating point operations of the forward pass's matrix products; a multiply-add counts as two. */
struct cost {
	double image, text; /* per image; per text of full context length */
	struct cost_recipe recipes[COST_RECIPES]; /* the recipes that train on pairs */
	size_t recipe_count;
};

/* For steps of `batch` records with texts of full length. */
int cost_of(struct cost *cost, const struct clip_config *config, size_t batch, struct err *err);

struct cost_step {
	const struct recipe *recipe;
	size_t records, pieces; /* pieces: as in --accumulate, at least 1 */
	size_t length;          /* of each text, in tokens */
	bool recompute, frozen_bn;
	unsigned frozen;        /* enum parameter_part */
};

/* Bytes of the recipe's reference model; 0: it has none. */
size_t cost_of_reference(const struct recipe *recipe, const struct parameters *set);

/* Peak memory of the step in bytes, without parameters, gradients, moments and reference model. */
int cost_of_step(const struct clip_config *config, const struct cost_step *step, size_t *bytes, struct err *err);

#endif
