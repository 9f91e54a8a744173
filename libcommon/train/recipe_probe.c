/* A linear probe: a classifier on the features of a model that is not changed (Radford et al. 2021, section 3.2). */
#include "train/recipe.h"

static struct loss probe_loss(struct step *step)
{
	return (struct loss){ .total = head_loss(step) };
}

const struct recipe recipe_probe = {
	.name = "probe",
	.about = "trains a classifier on a model that stays as it is, on labelled images",
	.views = 1,
	.labels = true,
	.head = true,
	.defaults = { .batch = 80, .lr = 5e-3, .weight_decay = .01, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8 },
	.loss = probe_loss,
};
