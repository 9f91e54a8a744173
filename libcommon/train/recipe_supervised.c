/* Supervised fine-tuning on labelled images: a linear classifier on the image feature as it is, not normalised, and the
 * whole image tower (Bansal et al. 2023, section 4). */
#include "train/recipe.h"

static struct loss loss(struct tape *tape, struct clip *clip, struct head *head, const struct train_options *options,
	const struct batch *batch)
{
	struct tensor *features = clip_encode_images(tape, clip, batch->pixels, batch->count);

	(void)options;
	if (features && head->unscaled)
		head_scale(head, features, clip->logit_scale.data[0]);
	struct tensor *logits = op_linear(tape, features, &head->weight, &head->bias);
	return (struct loss){ .total = op_cross_entropy(tape, logits, batch->labels) };
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
