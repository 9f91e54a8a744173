/* CleanCLIP (Bansal et al. 2023, "CleanCLIP: Mitigating data poisoning attacks in multimodal contrastive learning"):
 * cross-modal learning plus self-supervised learning within each modality, which breaks the link between trigger and target.
 * Both views pass through a tower as one batch, so batch norm's statistics cover both. */
#include "train/recipe.h"

enum { LAMBDA1, LAMBDA2, IMAGE_SS, TEXT_SS, VIEW_WEIGHT };

static struct loss cleanclip_loss(struct step *step)
{
	const double *numbers = step->numbers;
	struct loss loss = { .count = 2, .names = { "cross_modal", "self_supervised", "views" } };

	loss.parts[0] = cross_modal_loss(step, &step->image, &step->text);
	struct tensor *text = text_view_loss(step), *image = image_view_loss(step);
	loss.parts[1] = op_weighted_sum(
		step->tape, 2, (struct tensor *[]){ image, text }, (const float[]){ (float)numbers[IMAGE_SS], (float)numbers[TEXT_SS] });
	if (numbers[VIEW_WEIGHT] > 0)
		loss.parts[loss.count++] = cross_modal_loss(step, &step->image_view, &step->text_view);
	loss.total = op_weighted_sum(step->tape, loss.count, loss.parts,
		(const float[]){ (float)numbers[LAMBDA1], (float)numbers[LAMBDA2], (float)numbers[VIEW_WEIGHT] });
	return loss;
}

const struct recipe recipe_cleanclip = {
	.name = "cleanclip",
	.about = "remove a backdoor: contrastive and self-supervised fine-tuning on clean pairs",
	.text = "Fine-tunes a poisoned model on clean pairs. The loss is --lambda1 times the cross-modal contrastive loss of images and "
		"captions (that of `cc-train clip`) plus --lambda2 times a self-supervised loss, which contrasts each image and each caption "
		"with its own augmented view (aug.rgb.npy, aug.txt). The second term breaks the link between trigger and target. "
		"--view-weight adds the cross-modal loss of the augmented views: with --lambda2 0 --view-weight 1 the model trains on the same "
		"views at the same cost, but without the self-supervised loss.\n\n"
		"A step of 64 records fits into 16 GiB with ViT-B-32, and with RN50 if --recompute is given.",
	.views = 2,
	.texts = true,
	.parts = PART_IMAGE | PART_TEXT | PART_LOGIT_SCALE,
	.defaults = { .batch = 64, .lr = 1e-5, .weight_decay = .1, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8 },
	.numbers = {
		[LAMBDA1] = { "lambda1", RECIPE_REAL, 1, 0, 1e6, "weight of the cross-modal loss" },
		[LAMBDA2] = { "lambda2", RECIPE_REAL, 1, 0, 1e6, "weight of the self-supervised loss" },
		[IMAGE_SS] = { "image-ss", RECIPE_REAL, .5, 0, 1e6, "weight of the images in the self-supervised loss" },
		[TEXT_SS] = { "text-ss", RECIPE_REAL, .5, 0, 1e6, "weight of the captions in the self-supervised loss" },
		[VIEW_WEIGHT] = { "view-weight", RECIPE_REAL, 0, 0, 1e6, "weight of the cross-modal loss of the augmented views" },
	},
	.loss = cleanclip_loss,
};
