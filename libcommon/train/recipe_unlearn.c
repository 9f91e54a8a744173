/* Unlearning of known poisons (an option of CleanCLIP's program): pairs that are known to be poisoned are left out of the
 * cross-modal loss, and the cosine of each is driven to a target:
 *     cross-modal loss of the others + weight * mean over the known ones of (cos - target)^2
 * The program has a plus where there is a minus here, so that its own default, -1, pulls the pairs together. */
#include "train/recipe.h"

/* The rows whose `known` is that.  NULL: none, or the tape has failed. */
static struct tensor *pick(struct tape *tape, struct tensor *rows, const struct batch *batch, bool known)
{
	size_t *index = arena_alloc(tape->arena, batch->count * sizeof *index), count = 0;

	if (!index)
		return tape_fail(tape);
	for (size_t i = 0; i < batch->count; i++)
		if (batch->known[i] == known)
			index[count++] = i;
	return count ? op_gather_rows(tape, rows, index, count) : NULL;
}

static struct tensor *zero(struct tape *tape)
{
	struct tensor *zero = tape_tensor(tape, 1, (size_t[]){ 1 }, false);

	if (zero)
		zero->data[0] = 0;
	return zero;
}

static struct loss loss(struct tape *tape, struct clip *clip, struct head *head, const struct train_options *options,
	const struct features *features, const struct batch *batch)
{
	struct tensor *images = op_l2_normalise(tape, features->image), *texts = op_l2_normalise(tape, features->text);
	struct tensor *image = pick(tape, images, batch, false), *text = pick(tape, texts, batch, false);
	struct tensor *bad_image = pick(tape, images, batch, true), *bad_text = pick(tape, texts, batch, true);
	struct loss loss = { .count = 2, .names = { "cross_modal", "unlearn" } };

	(void)head;
	loss.parts[0] = image && text ? cross_modal_loss(tape, clip, image, text, image, text, 0) : zero(tape);
	loss.parts[1] = bad_image && bad_text
		? op_cosine_target(tape, bad_image, bad_text, (float)options->unlearn_target) : zero(tape);
	loss.total = op_weighted_sum(tape, 2, loss.parts, (const float[]){ 1, (float)options->unlearn_weight });
	return loss;
}

const struct recipe recipe_unlearn = {
	.name = "unlearn",
	.about = "pulls each image to its caption, and known poisoned pairs apart",
	.views = 1,
	.texts = true,
	.known = true,
	.parts = PART_IMAGE | PART_TEXT | PART_LOGIT_SCALE,
	.defaults = { .batch = 64, .lr = 1e-5, .weight_decay = .1, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8,
		.unlearn_weight = 1, .unlearn_target = -1 },
	.loss = loss,
};
