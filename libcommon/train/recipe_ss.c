/* CleanCLIP's self-supervised half alone (Bansal et al. 2023, section 5.3): each modality is contrasted with its own
 * augmented view, and nothing pulls an image to its caption.  What cleanclip does with --lambda1 0. */
#include "train/recipe.h"

static struct loss loss(struct tape *tape, struct clip *clip, struct head *head, const struct train_options *options,
	const struct features *features, const struct batch *batch)
{
	size_t n = batch->count;
	struct tensor *images = op_l2_normalise(tape, features->image);
	struct tensor *texts = op_l2_normalise(tape, features->text);

	(void)head;
	(void)options;
	struct tensor *image = op_slice(tape, images, 0, n), *image_view = op_slice(tape, images, n, n);
	struct tensor *text = op_slice(tape, texts, 0, n), *text_view = op_slice(tape, texts, n, n);
	return (struct loss){ .total = self_supervised_loss(tape, clip, image, image_view, text, text_view, 0) };
}

const struct recipe recipe_ss = {
	.name = "ss",
	.about = "contrasts augmented views inside each modality, and no pairs",
	.views = 2,
	.texts = true,
	.parts = PART_IMAGE | PART_TEXT | PART_LOGIT_SCALE,
	.defaults = { .batch = 64, .lr = 1e-5, .weight_decay = .1, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8 },
	.loss = loss,
};
