/* Supervised fine-tuning on labelled images (Bansal et al. 2023, section 4): the whole image tower, and a linear classifier on
 * image features that are not normalised. */
#include "train/recipe.h"

static struct loss supervised_loss(struct step *step)
{
	return (struct loss){ .total = head_loss(step) };
}

const struct recipe recipe_supervised = {
	.name = "supervised",
	.about = "fine-tuning of the image tower with a classifier on labelled images",
	.text = "Adds a linear classifier to the image features, which are not normalised, and trains it together with the image tower by "
		"cross entropy on the labels (cls). The class names come from --classes or, without it, from the stream's header.",
	.views = 1,
	.labels = true,
	.head = true,
	.parts = PART_IMAGE,
	.defaults = { .batch = 80, .lr = 1e-4, .weight_decay = .01, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8 },
	.loss = supervised_loss,
};
