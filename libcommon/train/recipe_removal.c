/* Progressive removal (an option of CleanCLIP's program): plain contrastive learning, but after given epochs the pairs
 * whose image and text are most alike are left out of the later ones.  A trigger is learnt faster than anything else, so
 * that poisoned pairs are among them. */
#include "train/recipe.h"

#include <stdlib.h>

enum { REMOVE_SHARE };

/* The highest cosine first; equal ones by their keys, so that the order in which they came does not matter. */
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
	.about = "as clip, but after given epochs leaves out the pairs that are most alike",
	.text = "At the end of the epochs of --remove-after, the --remove-share of the pairs with the highest cosine of image and\n"
		"text, each as it was when it was trained on in that epoch, is left out of all later epochs, by key.  The schedule\n"
		"accounts for that.",
	.views = 1,
	.texts = true,
	.pretrains = true,
	.parts = PART_IMAGE | PART_TEXT | PART_LOGIT_SCALE,
	.defaults = { .batch = 128, .lr = 5e-4, .weight_decay = .1, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8 },
	.numbers = { [REMOVE_SHARE] = { "remove-share", RECIPE_SHARE, .02, 0, 1, "share of the pairs of such an epoch" } },
	.loss = pair_loss,
	.end_of_epoch = removal_end_of_epoch,
};
