/* Progressive removal (an option of CleanCLIP's program): contrastive learning that, after given epochs, removes the pairs whose
 * image and text are most similar.  A trigger is learnt faster than anything else, so poisoned pairs are among them. */
#include "train/recipe.h"

#include <stdlib.h>

enum { REMOVE_SHARE };

/* Descending cosine; ties by key, so that the result does not depend on the order of arrival. */
static int compare_pairs(const void *a, const void *b)
{
	const struct epoch_pair *x = a, *y = b;

	if (x->cosine != y->cosine)
		return x->cosine < y->cosine ? 1 : -1;
	return (x->key > y->key) - (x->key < y->key);
}

static size_t removal_end_of_epoch(const double *numbers, struct epoch_pair *pairs, size_t count)
{
	const size_t removed = (size_t)(numbers[REMOVE_SHARE] * (double)count);

	if (pairs && removed)
		qsort(pairs, count, sizeof *pairs, compare_pairs);
	return removed;
}

const struct recipe recipe_removal = {
	.name = "removal",
	.about = "contrastive training that removes the most similar pairs after some epochs",
	.text = "Trains like `cc-train clip`. At the end of each epoch listed in --remove-after, the pairs with the highest cosine of image "
		"and caption, a share of --remove-share, are removed from all later epochs. A pair's cosine is the one it had when the epoch "
		"trained on it; removed pairs are recognised by their keys. The length of the schedule takes the removal into account.",
	.views = 1,
	.texts = true,
	.pretrains = true,
	.parts = PART_IMAGE | PART_TEXT | PART_LOGIT_SCALE,
	.defaults = { .batch = 128, .lr = 5e-4, .weight_decay = .1, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8 },
	.numbers = { [REMOVE_SHARE] = { "remove-share", RECIPE_SHARE, .02, 0, 1, "share of an epoch's pairs to remove" } },
	.loss = pair_loss,
	.end_of_epoch = removal_end_of_epoch,
};
