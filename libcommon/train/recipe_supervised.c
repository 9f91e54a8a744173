/* Supervised fine-tuning on labelled images: a linear classifier on the image feature, which is not normalised, and the
 * whole image tower (Bansal et al. 2023, section 4). */
#include "train/recipe.h"

static struct loss supervised_loss(struct step *step)
{
	return (struct loss){ .total = head_loss(step) };
}

const struct recipe recipe_supervised = {
	.name = "supervised",
	.about = "trains the image tower and a classifier on labelled images",
	.views = 1,
	.labels = true,
	.head = true,
	.parts = PART_IMAGE,
	.defaults = { .batch = 80, .lr = 1e-4, .weight_decay = .01, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8 },
	.loss = supervised_loss,
};
