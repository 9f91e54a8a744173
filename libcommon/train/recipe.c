#include "train/recipe.h"

#include <math.h>
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

struct train_options recipe_defaults(const struct recipe *recipe)
{
	struct train_options options = recipe->defaults;

	for (size_t i = 0; i < RECIPE_NUMBERS_MOST && recipe->numbers[i].name; i++)
		options.numbers[i] = recipe->numbers[i].value;
	return options;
}

bool recipe_takes_new_model(const struct recipe *recipe)
{
	return !recipe->head && !recipe->reference;
}

bool recipe_takes_multi_positive(const struct recipe *recipe)
{
	return recipe->texts && !recipe->known;
}

unsigned recipe_features(const struct recipe *recipe)
{
	return PART_IMAGE | (recipe->texts ? PART_TEXT : 0u);
}

int head_init(struct head *head, size_t classes, size_t width, struct err *err)
{
	memset(head, 0, sizeof *head);
	head->classes = classes;
	head->parameters.part = PART_HEAD;
	parameters_add(&head->parameters, &head->weight, 2, (size_t[]){ classes, width }, "head.weight");
	parameters_add(&head->parameters, &head->bias, 1, &classes, "head.bias");
	return parameters_allocate(&head->parameters, err);
}

void head_free(struct head *head)
{
	parameters_free(&head->parameters);
	memset(head, 0, sizeof *head);
}

void head_set_vectors(struct head *head, const float *vectors)
{
	memcpy(head->weight.data, vectors, tensor_size(&head->weight) * sizeof *vectors);
	memset(head->bias.data, 0, head->classes * sizeof *head->bias.data);
	head->unscaled = true;
}

static double mean_length(const struct tensor *features)
{
	size_t rows = tensor_rows(features), width = tensor_columns(features);
	double sum = 0;

	for (size_t i = 0; i < rows; i++) {
		double squares = 0;
		for (size_t k = 0; k < width; k++)
			squares += (double)features->data[i * width + k] * (double)features->data[i * width + k];
		sum += sqrt(squares);
	}
	return sum / (double)rows;
}

void head_scale(struct head *head, const struct tensor *features, float logit_scale)
{
	double length = mean_length(features);
	float factor = length > 0 ? (float)(exp((double)logit_scale) / length) : 1;

	for (size_t i = 0; i < tensor_size(&head->weight); i++)
		head->weight.data[i] *= factor;
	head->unscaled = false;
}

static struct tensor *mean_of_two(struct tape *tape, struct tensor *a, struct tensor *b)
{
	struct tensor *const losses[2] = { a, b };

	return op_weighted_sum(tape, 2, losses, (const float[]){ .5f, .5f });
}

struct tensor *cross_modal_loss(struct step *step, const struct rows *image, const struct rows *text)
{
	const uint32_t *captions = step->captions;
	struct tensor *by_text = op_info_nce_groups(step->tape, text->own, image->all, image->first, captions, step->logit_scale);
	struct tensor *by_image = op_info_nce_groups(step->tape, image->own, text->all, text->first, captions, step->logit_scale);

	return mean_of_two(step->tape, by_image, by_text);
}

struct tensor *image_view_loss(struct step *step)
{
	return op_info_nce(step->tape, step->image.own, step->image_view.all, step->image_view.first, step->logit_scale);
}

struct tensor *text_view_loss(struct step *step)
{
	return op_info_nce_groups(
		step->tape, step->text.own, step->text_view.all, step->text_view.first, step->captions, step->logit_scale);
}

struct tensor *self_supervised_loss(struct step *step)
{
	struct tensor *text = text_view_loss(step);
	struct tensor *image = image_view_loss(step);

	return mean_of_two(step->tape, image, text);
}

struct tensor *head_loss(struct step *step)
{
	struct head *head = step->head;

	if (step->image_features && head->unscaled)
		head_scale(head, step->image_features, step->logit_scale->data[0]);
	return op_cross_entropy(step->tape, op_linear(step->tape, step->image_features, &head->weight, &head->bias), step->labels);
}

struct loss pair_loss(struct step *step)
{
	return (struct loss){ .total = cross_modal_loss(step, &step->image, &step->text) };
}
