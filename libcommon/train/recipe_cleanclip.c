/* CleanCLIP (Bansal et al. 2023, "CleanCLIP: Mitigating data poisoning attacks in multimodal contrastive learning"):
 * cross-modal learning together with self-supervised learning inside each modality, which breaks the link between trigger
 * and target.  Both views go through a tower in one batch, so that batch norm sees both. */
#include "train/recipe.h"

enum { LAMBDA1, LAMBDA2 };

static struct loss cleanclip_loss(struct step *step)
{
	struct loss loss = { .count = 2, .names = { "cross_modal", "self_supervised" } };

	loss.parts[0] = cross_modal_loss(step, &step->image, &step->text);
	loss.parts[1] = self_supervised_loss(step);
	loss.total =
		op_weighted_sum(step->tape, 2, loss.parts, (const float[]){ (float)step->numbers[LAMBDA1], (float)step->numbers[LAMBDA2] });
	return loss;
}

const struct recipe recipe_cleanclip = {
	.name = "cleanclip",
	.about = "removes a backdoor by contrasting pairs and augmented views, on clean pairs",
	.text = "The loss is --lambda1 times the cross-modal loss of image and caption, plus --lambda2 times the self-supervised loss,\n"
		"which contrasts each image and each caption with its own augmented view (aug.rgb.npy and aug.txt).",
	.views = 2,
	.texts = true,
	.parts = PART_IMAGE | PART_TEXT | PART_LOGIT_SCALE,
	.defaults = { .batch = 64, .lr = 1e-5, .weight_decay = .1, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8 },
	.numbers = {
		[LAMBDA1] = { "lambda1", RECIPE_REAL, 1, 0, 1e6, "weight of the cross-modal loss" },
		[LAMBDA2] = { "lambda2", RECIPE_REAL, 1, 0, 1e6, "weight of the self-supervised loss" },
	},
	.loss = cleanclip_loss,
};
