/* Progressive removal (an option of CleanCLIP's program): plain contrastive learning, but after given epochs the pairs
 * whose image and text are most alike are left out of the later ones.  A trigger is learnt faster than anything else, so
 * that poisoned pairs are among them.  Here is the loss; who feeds the batches leaves pairs out. */
#include "train/recipe.h"

const struct recipe recipe_removal = {
	.name = "removal",
	.about = "as clip, but after given epochs leaves out the pairs that are most alike",
	.views = 1,
	.texts = true,
	.removes = true,
	.parts = PART_IMAGE | PART_TEXT | PART_LOGIT_SCALE,
	.defaults = { .batch = 128, .lr = 5e-4, .weight_decay = .1, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8 },
	.loss = pair_loss,
};
