#include "clip/arithmetic.h"

#include <stdlib.h>
#include <string.h>

static bool same_shape(const struct tensor *a, const struct tensor *b)
{
	return a->rank == b->rank && memcmp(a->shape, b->shape, a->rank * sizeof *a->shape) == 0;
}

/* What changes the model's function and not the shapes of its parameters. */
static int check_config(const struct clip_config *a, const struct clip_config *b, struct err *err)
{
	const char *field = a->tower != b->tower                               ? "the image tower"
			    : a->quick_gelu != b->quick_gelu                   ? "quick_gelu"
			    : a->vision.image_size != b->vision.image_size     ? "vision_cfg: image_size"
			    : a->vision.head_width != b->vision.head_width     ? "vision_cfg: head_width"
			    : a->text.context_length != b->text.context_length ? "text_cfg: context_length"
			    : a->text.heads != b->text.heads                   ? "text_cfg: heads"
									       : NULL;

	return field ? err_set(err, "the models have different configurations: %s", field) : 0;
}

static int check_parameters(const struct parameters *a, const struct parameters *b, struct err *err)
{
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (strcmp(a->items[i].name, b->items[i].name) != 0 || !same_shape(a->items[i].tensor, b->items[i].tensor))
			return err_set(err, "the models have different shapes: %s of one is not %s of the other", a->items[i].name,
				b->items[i].name);
	if (a->count != b->count)
		return err_set(err, "the models have different shapes: %zu and %zu tensors", a->count, b->count);
	return 0;
}

static double weight_of(const struct parameter *parameter, const struct mix_weights *weights)
{
	const double weight = parameter->part == PART_IMAGE  ? weights->image
			      : parameter->part == PART_TEXT ? weights->text
							     : weights->logit_scale;

	if (!parameter->statistic)
		return weight;
	return weight < 0 ? 0 : weight > 1 ? 1 : weight;
}

int clip_mix(struct clip *clip, const struct clip *other, const struct mix_weights *weights, struct err *err)
{
	const struct parameters *from = &clip->parameters, *to = &other->parameters;

	if (check_config(&clip->config, &other->config, err) || check_parameters(from, to, err))
		return -1;
	for (size_t i = 0; i < from->count; i++) {
		const double weight = weight_of(&from->items[i], weights);
		float *a = from->items[i].tensor->data;
		const float *b = to->items[i].tensor->data;
		for (size_t k = 0; k < tensor_size(from->items[i].tensor); k++)
			a[k] = (float)((1 - weight) * (double)a[k] + weight * (double)b[k]);
	}
	return parameters_check_finite(from, err);
}

/* The tower updates its statistics only while it is trained: its gradients are never used. */
int recalibration_init(struct recalibration *recalibration, struct clip *clip, struct err *err)
{
	const size_t count = parameters_statistics(&clip->parameters);

	*recalibration = (struct recalibration){ .clip = clip };
	if (count == 0)
		return err_set(err, "the model has no batch norms, so it has no running statistics to recalibrate");
	recalibration->sums = calloc(count, sizeof *recalibration->sums);
	if (!recalibration->sums)
		return err_memory(err);
	return parameters_train(&clip->parameters, PART_IMAGE, err);
}

/* A training step leaves .9 running + .1 batch; from zero that is a tenth of the batch's own statistic. */
static const double MOMENTUM = .1;

static void clear_statistics(struct parameters *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->items[i].statistic)
			memset(set->items[i].tensor->data, 0, tensor_size(set->items[i].tensor) * sizeof(float));
}

int recalibration_add(struct recalibration *recalibration, struct tape *tape, const uint8_t *pixels, size_t n)
{
	struct parameters *set = &recalibration->clip->parameters;
	double *sum = recalibration->sums;

	clear_statistics(set);
	tape->training = true;
	tape->recording = false;
	clip_encode_images(tape, recalibration->clip, pixels, n);
	const bool failed = tape->failed;
	tape_reset(tape);
	if (failed)
		return -1;
	for (size_t i = 0; i < set->count; i++)
		for (size_t k = 0; set->items[i].statistic && k < tensor_size(set->items[i].tensor); k++)
			*sum++ += (double)set->items[i].tensor->data[k] / MOMENTUM;
	recalibration->batches++;
	return 0;
}

void recalibration_finish(const struct recalibration *recalibration)
{
	const struct parameters *set = &recalibration->clip->parameters;
	const double *sum = recalibration->sums;

	for (size_t i = 0; i < set->count; i++)
		for (size_t k = 0; set->items[i].statistic && k < tensor_size(set->items[i].tensor); k++)
			set->items[i].tensor->data[k] = (float)(*sum++ / (double)recalibration->batches);
}

void recalibration_free(struct recalibration *recalibration)
{
	free(recalibration->sums);
	recalibration->sums = NULL;
}
