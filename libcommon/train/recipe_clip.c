/* Cross-modal contrastive learning, CLIP's own (Radford et al. 2021): pre-training, and the fine-tuning that CleanCLIP is
 * compared with. */
#include "train/recipe.h"

const struct recipe recipe_clip = {
	.name = "clip",
	.about = "pulls each image to its caption: pre-training, or plain fine-tuning",
	.views = 1,
	.texts = true,
	.pretrains = true,
	.parts = PART_IMAGE | PART_TEXT | PART_LOGIT_SCALE,
	.defaults = { .batch = 128, .lr = 5e-4, .weight_decay = .1, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8 },
	.loss = pair_loss,
};
