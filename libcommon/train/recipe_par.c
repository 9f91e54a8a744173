/* PAR, "Perturb and Recover" (Singh et al. 2024, "Perturb and Recover: Fine-tuning for Effective Backdoor Removal from CLIP"):
 * fine-tuning on clean pairs that moves the embeddings away from those of the poisoned model, up to a distance tau:
 *     cross-modal loss - 1/2 (S_image [S_image <= tau] + S_text [S_text <= tau]),   S = mean |z - z_reference|^2
 * over normalised embeddings of the plain view; the reference is the model before the first step, in evaluation mode. */
#include "train/recipe.h"

enum { TAU };

/* Weight of a distance in the loss: 0 beyond tau. */
static float weight_of(const struct step *step, const struct tensor *distance)
{
	return distance && (double)distance->data[0] <= step->numbers[TAU] ? -.5f : 0;
}

static struct loss par_loss(struct step *step)
{
	struct loss loss = { .count = 3, .names = { "cross_modal", "image_distance", "text_distance" } };

	loss.parts[0] = cross_modal_loss(step, &step->image, &step->text);
	loss.parts[1] = op_squared_distance(step->tape, step->image.own, step->image_reference.own);
	loss.parts[2] = op_squared_distance(step->tape, step->text.own, step->text_reference.own);
	loss.total = op_weighted_sum(
		step->tape, 3, loss.parts, (const float[]){ 1, weight_of(step, loss.parts[1]), weight_of(step, loss.parts[2]) });
	return loss;
}

const struct recipe recipe_par = {
	.name = "par",
	.about = "Perturb and Recover: remove a backdoor by moving away from the poisoned model",
	.text = "Fine-tunes a poisoned model on clean pairs. The loss is the cross-modal contrastive loss of images and captions (that of "
		"`cc-train clip`) minus half the mean squared distance of the image embeddings, and half that of the text embeddings, from "
		"those of the model before the first step. A distance above --tau is left out of the loss. The logit scale is not trained. "
		"The original model stays in memory during the run.",
	.views = 1,
	.texts = true,
	.reference = true,
	.parts = PART_IMAGE | PART_TEXT,
	.schedule = SCHEDULE_LINEAR_COSINE,
	.defaults = { .batch = 64, .lr = 1e-5, .weight_decay = 1e-4, .beta1 = .9, .beta2 = .98, .epsilon = 1e-8 },
	.numbers = { [TAU] = { "tau", RECIPE_REAL, 2.15, 0, 4,
			     "mean squared distance above which embeddings are not pushed away any further" } },
	.loss = par_loss,
};
