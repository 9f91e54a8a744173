/* CleanCLIP (Bansal et al. 2023, "CleanCLIP: Mitigating data poisoning attacks in multimodal contrastive learning"):
 * cross-modal learning together with self-supervised learning inside each modality, which breaks what ties a trigger to
 * its target.  Both views go through a tower in one batch, so that batch norm sees both. */
#include "train/recipe.h"

static struct loss loss(struct tape *tape, struct clip *clip, struct head *head, const struct train_options *options,
	const struct features *features, const struct batch *batch)
{
	size_t n = batch->count;
	struct tensor *images = op_l2_normalise(tape, features->image);
	struct tensor *texts = op_l2_normalise(tape, features->text);
	struct loss loss = { .count = 2, .names = { "cross_modal", "self_supervised" } };

	(void)head;
	struct tensor *image = op_slice(tape, images, 0, n), *image_view = op_slice(tape, images, n, n);
	struct tensor *text = op_slice(tape, texts, 0, n), *text_view = op_slice(tape, texts, n, n);
	loss.parts[0] = cross_modal_loss(tape, clip, image, text, image, text, 0);
	loss.parts[1] = self_supervised_loss(tape, clip, image, image_view, text, text_view, 0);
	loss.total = op_weighted_sum(tape, 2, loss.parts,
		(const float[]){ (float)options->lambda1, (float)options->lambda2 });
	return loss;
}

const struct recipe recipe_cleanclip = {
	.name = "cleanclip",
	.about = "removes a backdoor by contrasting pairs and augmented views, on clean pairs",
	.views = 2,
	.texts = true,
	.parts = PART_IMAGE | PART_TEXT | PART_LOGIT_SCALE,
	.defaults = { .batch = 64, .lr = 1e-5, .weight_decay = .1, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8, .lambda1 = 1,
		.lambda2 = 1 },
	.loss = loss,
};
