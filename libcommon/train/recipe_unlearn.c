/* Unlearning of known poisoned pairs (an option of CleanCLIP's program): they are left out of the cross-modal loss, and their
 * cosine is driven to a target:
 *     cross-modal loss of the other pairs + weight * mean over the known pairs of (cos - target)^2
 * The released program has a plus where this has a minus, so its default target of -1 pulls the pairs together. */
#include "train/recipe.h"

enum { WEIGHT, TARGET };

/* This worker's rows with known[i] == known.  own is NULL if there are none or the tape has failed. */
static struct rows pick_rows(struct step *step, const struct rows *rows, bool known)
{
	size_t *index = arena_alloc(step->tape->arena, step->count * sizeof *index), count = 0;

	if (!index) {
		tape_fail(step->tape);
		return (struct rows){ 0 };
	}
	for (size_t i = 0; i < step->count; i++)
		if (step->known[i] == known)
			index[count++] = i;
	return step_rows(step, count ? op_gather_rows(step->tape, rows->own, index, count) : NULL);
}

static struct tensor *zero(struct tape *tape)
{
	struct tensor *zero = tape_tensor(tape, 1, (size_t[]){ 1 }, false);

	if (zero)
		zero->data[0] = 0;
	return zero;
}

static struct loss unlearn_loss(struct step *step)
{
	const struct rows image = pick_rows(step, &step->image, false), text = pick_rows(step, &step->text, false);
	const struct rows known_image = pick_rows(step, &step->image, true), known_text = pick_rows(step, &step->text, true);
	struct loss loss = { .count = 2, .names = { "cross_modal", "unlearn" } };

	loss.parts[0] = image.own && text.own ? cross_modal_loss(step, &image, &text) : zero(step->tape);
	loss.parts[1] = known_image.own && known_text.own
				? op_cosine_target(step->tape, known_image.own, known_text.own, (float)step->numbers[TARGET])
				: zero(step->tape);
	loss.total = op_weighted_sum(step->tape, 2, loss.parts, (const float[]){ 1, (float)step->numbers[WEIGHT] });
	return loss;
}

const struct recipe recipe_unlearn = {
	.name = "unlearn",
	.about = "contrastive training that pushes known poisoned pairs apart",
	.text = "Trains like `cc-train clip`, except on pairs that are known to be poisoned. These are left out of the contrastive loss. "
		"Instead, --unlearn-weight times the mean of (cosine - target)^2 over them is added, where cosine is the similarity of image "
		"and caption and target is --unlearn-target. The known pairs are those listed in --keys or, without --keys, those with a "
		"ledger (poison.json).",
	.views = 1,
	.texts = true,
	.known = true,
	.parts = PART_IMAGE | PART_TEXT | PART_LOGIT_SCALE,
	.defaults = { .batch = 64, .lr = 1e-5, .weight_decay = .1, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8 },
	.numbers = {
		[WEIGHT] = { "unlearn-weight", RECIPE_REAL, 1, 0, 1e6, "weight of the poisoned pairs' loss" },
		[TARGET] = { "unlearn-target", RECIPE_REAL, -1, -1, 1, "cosine to which poisoned pairs are driven" },
	},
	.loss = unlearn_loss,
};
