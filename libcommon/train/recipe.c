#include "train/recipe.h"

#include <string.h>

#define RECIPE(name) &recipe_##name,
const struct recipe *const recipes[] = {
#include "train/recipes.def"
	NULL,
};
#undef RECIPE

const struct recipe *recipe_find(const char *name)
{
	for (const struct recipe *const *recipe = recipes; *recipe; recipe++)
		if (strcmp((*recipe)->name, name) == 0)
			return *recipe;
	return NULL;
}

static struct tensor *mean_of_two(struct tape *tape, struct tensor *a, struct tensor *b)
{
	struct tensor *const losses[2] = { a, b };

	return op_weighted_sum(tape, 2, losses, (const float[]){ .5f, .5f });
}

struct tensor *cross_modal_loss(struct tape *tape, struct clip *clip, struct tensor *image, struct tensor *text,
	struct tensor *all_images, struct tensor *all_texts, size_t first)
{
	return mean_of_two(tape, op_info_nce(tape, image, all_texts, first, &clip->logit_scale),
		op_info_nce(tape, text, all_images, first, &clip->logit_scale));
}

struct loss pair_loss(struct tape *tape, struct clip *clip, struct head *head, const struct train_options *options,
	const struct features *features, const struct batch *batch)
{
	struct tensor *image = op_l2_normalise(tape, features->image);
	struct tensor *text = op_l2_normalise(tape, features->text);

	(void)head;
	(void)options;
	(void)batch;
	return (struct loss){ .total = cross_modal_loss(tape, clip, image, text, image, text, 0) };
}

struct tensor *self_supervised_loss(struct tape *tape, struct clip *clip, struct tensor *image, struct tensor *image_view,
	struct tensor *text, struct tensor *text_view, size_t first)
{
	return mean_of_two(tape, op_info_nce(tape, image, image_view, first, &clip->logit_scale),
		op_info_nce(tape, text, text_view, first, &clip->logit_scale));
}

struct tensor *head_loss(struct tape *tape, struct clip *clip, struct head *head, struct tensor *image, const int32_t *labels)
{
	if (image && head->unscaled)
		head_scale(head, image, clip->logit_scale.data[0]);
	return op_cross_entropy(tape, op_linear(tape, image, &head->weight, &head->bias), labels);
}
