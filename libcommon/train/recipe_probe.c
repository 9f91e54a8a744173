/* A linear probe: a classifier on the image features of a frozen model (Radford et al. 2021, section 3.2). */
#include "train/recipe.h"

static struct loss probe_loss(struct step *step)
{
	return (struct loss){ .total = head_loss(step) };
}

const struct recipe recipe_probe = {
	.name = "probe",
	.about = "linear probe: a classifier on the image features of a frozen model",
	.text = "Trains a linear classifier on the image features, which are not normalised, by cross entropy on the labels (cls). The model "
		"itself does not change. The class names come from --classes or, without it, from the stream's header.",
	.views = 1,
	.labels = true,
	.head = true,
	.defaults = { .batch = 80, .lr = 5e-3, .weight_decay = .01, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8 },
	.loss = probe_loss,
};
