#include "train/step.h"

#include "core/map.h"
#include "train/recipe.h"

#include <math.h>
#include <string.h>

struct features features_of(struct tape *tape, struct clip *clip, const struct batch *batch, unsigned parts)
{
	size_t rows = batch->shape.views * batch->count;
	struct features features = { 0 };

	if (parts & PART_IMAGE)
		features.image = clip_encode_images(tape, clip, batch->pixels, rows);
	if (parts & PART_TEXT)
		features.text = clip_encode_texts(tape, clip, batch->ids, batch->lengths, rows);
	return features;
}

static double features_product(const float *a, const float *b, size_t width)
{
	double sum = 0;

	for (size_t i = 0; i < width; i++)
		sum += (double)a[i] * (double)b[i];
	return sum;
}

void features_cosines(const struct features *features, const struct batch *batch, float *cosines)
{
	const size_t width = tensor_columns(features->image);

	for (size_t i = 0; i < batch->count; i++) {
		const float *image = features->image->data + i * width, *text = features->text->data + i * width;
		const double lengths = sqrt(features_product(image, image, width) * features_product(text, text, width));
		cosines[i] = lengths > 0 ? (float)(features_product(image, text, width) / lengths) : 0;
	}
}

struct rows group_gather(const struct group *group, struct tape *tape, struct tensor *own)
{
	(void)group;
	(void)tape;
	return (struct rows){ .own = own, .all = own, .first = 0 };
}

int group_reduce(const struct group *group, float *gradients, size_t count, struct err *err)
{
	(void)group;
	(void)gradients;
	(void)count;
	(void)err;
	return 0;
}

int group_agree(const struct group *group, bool *more, struct err *err)
{
	(void)group;
	(void)more;
	(void)err;
	return 0;
}

struct rows step_rows(struct step *step, struct tensor *own)
{
	return group_gather(step->group, step->tape, own);
}

const uint32_t *step_captions(struct tape *tape, const struct batch *batch)
{
	uint32_t *numbers = arena_alloc(tape->arena, batch->count * sizeof *numbers);
	struct map seen = { 0 };
	int64_t number = 0;

	for (size_t i = 0; numbers && number >= 0 && i < batch->count; i++) {
		const int32_t *ids = batch->ids + i * batch->shape.context;
		number = map_add(&seen, span_of(ids, batch->lengths[i] * sizeof *ids));
		numbers[i] = (uint32_t)number;
	}
	map_free(&seen);
	if (!numbers || number < 0) {
		tape_fail(tape);
		return NULL;
	}
	return numbers;
}

/* The rows of one view among the embeddings of all views. */
static struct rows view_rows(struct step *step, struct tensor *embeddings, const struct recipe *recipe, size_t view)
{
	return step_rows(step, recipe->views == 1 ? embeddings : op_slice(step->tape, embeddings, view * step->count, step->count));
}

static void fill_reference(struct step *step, const struct features *reference)
{
	const bool recording = step->tape->recording;

	step->tape->recording = false;
	step->image_reference = step_rows(step, op_l2_normalise(step->tape, reference->image));
	if (reference->text)
		step->text_reference = step_rows(step, op_l2_normalise(step->tape, reference->text));
	step->tape->recording = recording;
}

void step_fill(struct step *step, const struct recipe *recipe, struct clip *clip, const struct features *features,
	const struct features *reference, const struct batch *batch)
{
	struct tensor *images, *texts;

	step->count = batch->count;
	step->logit_scale = &clip->logit_scale;
	step->image_features = features->image;
	step->labels = batch->labels;
	step->known = batch->known;
	if (recipe->head)
		return;
	images = op_l2_normalise(step->tape, features->image);
	texts = recipe->texts ? op_l2_normalise(step->tape, features->text) : NULL;
	step->image = view_rows(step, images, recipe, 0);
	if (recipe->views > 1)
		step->image_view = view_rows(step, images, recipe, 1);
	if (texts)
		step->text = view_rows(step, texts, recipe, 0);
	if (texts && recipe->views > 1)
		step->text_view = view_rows(step, texts, recipe, 1);
	if (recipe->reference)
		fill_reference(step, reference);
}

/* The plain view of `count` records of the batch. */
static struct batch plain_part(const struct batch *batch, size_t first, size_t count)
{
	struct batch part = *batch;

	part.shape.views = 1;
	part.shape.records = part.count = count;
	part.pixels += first * 3 * batch->shape.image_size * batch->shape.image_size;
	part.ids += first * batch->shape.context;
	part.lengths += first;
	return part;
}

static void copy_rows(struct tensor *to, size_t first, const struct tensor *from)
{
	if (to && from)
		memcpy(to->data + first * tensor_columns(to), from->data, tensor_size(from) * sizeof *from->data);
}

struct features step_reference(struct tape *tape, struct clip *reference, const struct batch *batch, unsigned parts, size_t pieces)
{
	const bool recording = tape->recording, training = tape->training;
	const size_t shape[] = { batch->count, reference->config.embed_dim }, each = (batch->count + pieces - 1) / pieces;
	struct features all = { 0 };

	tape->recording = tape->training = false;
	all.image = tape_tensor(tape, 2, shape, false);
	all.text = parts & PART_TEXT ? tape_tensor(tape, 2, shape, false) : NULL;
	for (size_t first = 0; first < batch->count && !tape->failed; first += each) {
		const struct tape_mark mark = tape_mark(tape);
		const struct batch part = plain_part(batch, first, batch->count - first < each ? batch->count - first : each);
		const struct features features = features_of(tape, reference, &part, parts);
		if (!pool_is_idle(tape->pool)) {
			copy_rows(all.image, first, features.image);
			copy_rows(all.text, first, features.text);
		}
		tape_rewind(tape, &mark);
	}
	tape->recording = recording;
	tape->training = training;
	return all;
}
