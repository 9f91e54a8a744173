/* CleanCLIP's self-supervised half alone (Bansal et al. 2023, section 5.3): each modality is contrasted with its own
 * augmented view, and nothing pulls an image to its caption.  The same as cleanclip with --lambda1 0. */
#include "train/recipe.h"

static struct loss ss_loss(struct step *step)
{
	return (struct loss){ .total = self_supervised_loss(step) };
}

const struct recipe recipe_ss = {
	.name = "ss",
	.about = "contrasts augmented views inside each modality, and no pairs",
	.text = "The self-supervised half of cleanclip: the same as `cc-train cleanclip --lambda1 0`.",
	.views = 2,
	.texts = true,
	.parts = PART_IMAGE | PART_TEXT | PART_LOGIT_SCALE,
	.defaults = { .batch = 64, .lr = 1e-5, .weight_decay = .1, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8 },
	.loss = ss_loss,
};
