/* Supervised fine-tuning on labelled images: a linear classifier on the image feature as it is, not normalised, and the
 * whole image tower (Bansal et al. 2023, section 4). */
#include "train/recipe.h"

static struct loss loss(struct tape *tape, struct clip *clip, struct head *head, const struct train_options *options,
	const struct features *features, const struct batch *batch)
{
	(void)options;
	return (struct loss){ .total = head_loss(tape, clip, head, features->image, batch->labels) };
}

const struct recipe recipe_supervised = {
	.name = "supervised",
	.about = "trains the image tower and a classifier on labelled images",
	.views = 1,
	.labels = true,
	.head = true,
	.parts = PART_IMAGE,
	.defaults = { .batch = 80, .lr = 1e-4, .weight_decay = .01, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8 },
	.loss = loss,
};
