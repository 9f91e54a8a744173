/* A linear probe: a classifier on the features of a model that stays as it is (Radford et al. 2021, section 3.2). */
#include "train/recipe.h"

static struct loss loss(struct tape *tape, struct clip *clip, struct head *head, const struct train_options *options,
	const struct features *features, const struct batch *batch)
{
	(void)options;
	return (struct loss){ .total = head_loss(tape, clip, head, features->image, batch->labels) };
}

const struct recipe recipe_probe = {
	.name = "probe",
	.about = "trains a classifier on a model that stays as it is, on labelled images",
	.views = 1,
	.labels = true,
	.head = true,
	.defaults = { .batch = 80, .lr = 5e-3, .weight_decay = .01, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8 },
	.loss = loss,
};
