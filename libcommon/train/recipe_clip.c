/* CLIP's contrastive learning (Radford et al. 2021): pre-training, and the plain fine-tuning that CleanCLIP is compared with. */
#include "train/recipe.h"

const struct recipe recipe_clip = {
	.name = "clip",
	.about = "contrastive pre-training or fine-tuning on image-caption pairs",
	.text = "Trains both towers and the logit scale with CLIP's symmetric contrastive loss: in each batch, every image must pick its own "
		"caption among all captions, and every caption its own image.",
	.views = 1,
	.texts = true,
	.pretrains = true,
	.parts = PART_IMAGE | PART_TEXT | PART_LOGIT_SCALE,
	.defaults = { .batch = 128, .lr = 5e-4, .weight_decay = .1, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8 },
	.loss = pair_loss,
};
