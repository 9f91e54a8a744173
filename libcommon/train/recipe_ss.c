/* CleanCLIP's self-supervised loss alone (Bansal et al. 2023, section 5.3): each image and each caption is contrasted with its
 * own augmented view, and images are not compared with captions.  Equal to cleanclip with --lambda1 0. */
#include "train/recipe.h"

static struct loss ss_loss(struct step *step)
{
	return (struct loss){ .total = self_supervised_loss(step) };
}

const struct recipe recipe_ss = {
	.name = "ss",
	.about = "self-supervised fine-tuning alone, the second term of cleanclip",
	.text = "Contrasts each image and each caption with its own augmented view (aug.rgb.npy, aug.txt). The loss does not compare images "
		"with captions. The result is that of `cc-train cleanclip --lambda1 0`.",
	.views = 2,
	.texts = true,
	.parts = PART_IMAGE | PART_TEXT | PART_LOGIT_SCALE,
	.defaults = { .batch = 64, .lr = 1e-5, .weight_decay = .1, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8 },
	.loss = ss_loss,
};
