#include "formats/model/weight_places.h"

#include "clip/transformer.h"
#include "core/float_types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The prefixes of the models in one file: "", "module.", "state_dict_ema.", ... */
enum { MOST_PREFIXES = 16 };

struct prefixes {
	struct span items[MOST_PREFIXES]; /* borrowed from the weights */
	size_t count;
	struct span chosen;
};

static const char anchor[] = "logit_scale";

/* Is the name PREFIXlogit_scale? */
static bool is_anchor(struct span name, struct span *prefix)
{
	const size_t size = sizeof anchor - 1;

	*prefix = span_of(name.data, name.size < size ? 0 : name.size - size);
	return name.size >= size && memcmp(name.data + prefix->size, anchor, size) == 0 &&
	       (prefix->size == 0 || name.data[prefix->size - 1] == '.');
}

/* "state_dict" for "state_dict." */
static bool is_asked(struct span prefix, const char *asked)
{
	const size_t size = strlen(asked);

	return span_is(prefix, asked) || (size && prefix.size == size + 1 && memcmp(prefix.data, asked, size) == 0);
}

static int no_model(const struct weights *weights, struct err *err)
{
	for (size_t i = 0; i < weights->count; i++) {
		const struct span name = weights->items[i].name;
		const char *unsupported_part = weight_unsupported(name);
		if (unsupported_part)
			return err_set(err, "%.*s: a tensor of %s, which is not supported", span_shown(name, 200), (const char *)name.data,
				unsupported_part);
	}
	return err_set(err, "no tensor is named logit_scale, which every CLIP model has, so this is not a complete CLIP model");
}

static void list(const struct prefixes *prefixes, struct buf *text)
{
	for (size_t i = 0; i < prefixes->count; i++)
		buf_printf(text, "%s'%.*s'", i ? ", " : "", span_shown(prefixes->items[i], 100), (const char *)prefixes->items[i].data);
}

static int collect(struct prefixes *prefixes, const struct weights *weights, struct err *err)
{
	struct span prefix;

	for (size_t i = 0; i < weights->count; i++) {
		if (!is_anchor(weights->items[i].name, &prefix))
			continue;
		if (prefixes->count == MOST_PREFIXES)
			return err_set(err, "more than %d models in one file", MOST_PREFIXES);
		prefixes->items[prefixes->count++] = prefix;
	}
	return prefixes->count ? 0 : no_model(weights, err);
}

/* Finds the models by their tensors named logit_scale, which every CLIP model has.  asked: see weight_places_find. */
static int prefixes_find(struct prefixes *prefixes, const struct weights *weights, const char *asked, struct err *err)
{
	struct buf text = { 0 };
	size_t matching = 0;

	*prefixes = (struct prefixes){ 0 };
	if (collect(prefixes, weights, err))
		return -1;
	for (size_t i = 0; i < prefixes->count; i++)
		if (!asked || is_asked(prefixes->items[i], asked)) {
			prefixes->chosen = prefixes->items[i];
			matching++;
		}
	list(prefixes, &text);
	if (matching == 0)
		err_set(err, "--prefix: no model has the prefix '%s' (prefixes: %s)", asked, buf_string(&text));
	else if (matching > 1)
		err_set(err, "%zu models in one file, with the prefixes %s; choose one with --prefix PREFIX", prefixes->count,
			buf_string(&text));
	buf_free(&text);
	return matching == 1 ? 0 : -1;
}

/* Does the name belong to the chosen model?  It does not if it begins with a longer prefix of another model. */
static bool prefixes_own(const struct prefixes *prefixes, struct span name)
{
	if (!span_begins(name, prefixes->chosen))
		return false;
	for (size_t i = 0; i < prefixes->count; i++)
		if (prefixes->items[i].size > prefixes->chosen.size && span_begins(prefixes->items[i], prefixes->chosen) &&
			span_begins(name, prefixes->items[i]))
			return false;
	return true;
}

static void set_shape(struct place *place, const struct weight *weight)
{
	struct placed_shape *shape = &place->shape;

	shape->name = place->at.name;
	shape->rank = weight->rank;
	for (size_t i = 0; i < weight->rank; i++)
		shape->shape[i] = weight->shape[place->at.transposed && weight->rank == 2 ? 1 - i : i];
}

static bool is_counter(struct span name, const struct weight *weight)
{
	static const char last[] = "num_batches_tracked";
	const size_t size = sizeof last - 1;

	return weight->rank == 0 && strcmp(weight->dtype, "I64") == 0 && name.size > size &&
	       memcmp(name.data + name.size - size, last, size) == 0;
}

int weight_places_find(struct weight_places *places, const struct weights *weights, const char *prefix, struct err *err)
{
	struct prefixes prefixes;

	*places = (struct weight_places){ .weights = weights };
	if (prefixes_find(&prefixes, weights, prefix, err))
		return -1;
	places->prefix = prefixes.chosen;
	places->items = calloc(weights->count + 1, sizeof *places->items);
	if (!places->items)
		return err_memory(err);
	for (size_t i = 0; i < weights->count; i++) {
		struct place *place = &places->items[i];
		struct span name = weights->items[i].name;
		place->weight = &weights->items[i];
		place->other = !prefixes_own(&prefixes, name);
		places->other_count += place->other;
		if (place->other)
			continue;
		name = span_of(name.data + places->prefix.size, name.size - places->prefix.size);
		place->counter = is_counter(name, &weights->items[i]);
		place->used = weight_place(&place->at, name);
		if (place->used)
			set_shape(place, &weights->items[i]);
	}
	return 0;
}

int weight_places_shapes(const struct weight_places *places, struct placed_shape **shapes, size_t *count, struct err *err)
{
	*count = 0;
	*shapes = calloc(places->weights->count + 1, sizeof **shapes);
	if (!*shapes)
		return err_memory(err);
	for (size_t i = 0; i < places->weights->count; i++)
		if (places->items[i].used)
			(*shapes)[(*count)++] = places->items[i].shape;
	return 0;
}

static bool is_wanted(void *context, const struct weight *weight)
{
	const struct weight_places *places = context;

	const struct place *place = &places->items[weight - places->weights->items];

	return place->used || place->counter;
}

static void transpose(float *to, const float *from, size_t rows, size_t columns)
{
	for (size_t i = 0; i < rows; i++)
		for (size_t k = 0; k < columns; k++)
			to[i * columns + k] = from[k * rows + i];
}

/* Position embeddings whose number differs from the file's. */
static int put_resized(const struct place *place, const float *values, struct err *err)
{
	const size_t rows = place->shape.shape[0], width = place->shape.shape[1], to_rows = place->parameter->tensor->shape[0];
	float *data = place->parameter->tensor->data;

	if (strncmp(place->at.name, "visual.", 7) != 0)
		resize_line_positions(values, rows, data, to_rows, width);
	else if (resize_grid_positions(values, rows, data, to_rows, width))
		return err_set(err, "its %zu positions are not a square grid plus one and cannot be resized to %zu", rows, to_rows);
	return 0;
}

static int put(const struct place *place, const float *values, size_t count, struct err *err)
{
	float *data = place->parameter->tensor->data;

	if (place->resized)
		return put_resized(place, values, err);
	if (place->at.transposed)
		transpose(data, values, place->shape.shape[0], place->shape.shape[1]);
	else if (place->at.parts > 1)
		memcpy(data + place->at.part * count, values, count * sizeof *values);
	else
		parameter_import(place->parameter, values);
	return 0;
}

static void count_batches(struct weight_places *places, const void *data)
{
	int64_t batches;

	memcpy(&batches, data, sizeof batches);
	if (batches > places->batches)
		places->batches = batches;
}

static int take_numbers(const struct place *place, const struct weight *weight, const void *data, struct err *err)
{
	const size_t count =
		place->resized ? place->shape.shape[0] * place->shape.shape[1] : tensor_size(place->parameter->tensor) / place->at.parts;
	float *values = malloc((count + 1) * sizeof *values);

	if (!values)
		return err_memory(err);
	int status = floats_from(values, data, count, weight->dtype)
			     ? err_set(err, "has type %s; supported: F32, F16, BF16, F64", weight->dtype)
			     : 0;
	const size_t wrong = status ? count : floats_not_finite(values, count);
	if (wrong < count)
		status = err_set(err, "value %zu of %zu is %g", wrong, count, (double)values[wrong]);
	if (status == 0)
		status = put(place, values, count, err);
	free(values);
	return status ? err_add(err, "%.*s", (int)weight->name.size, (const char *)weight->name.data) : 0;
}

static int take(void *context, const struct weight *weight, const void *data, struct err *err)
{
	struct weight_places *places = context;
	const struct place *place = &places->items[weight - places->weights->items];

	if (place->used)
		return take_numbers(place, weight, data, err);
	count_batches(places, data);
	return 0;
}

int weight_places_read(const struct weight_places *places, struct parameters *set, struct err *err)
{
	struct weight_places mine = *places;
	struct weights_sink sink = { .context = &mine, .wanted = is_wanted, .take = take };

	if (weights_read(places->weights, &sink, err))
		return -1;
	set->batches = mine.batches;
	return 0;
}

void weight_places_free(struct weight_places *places)
{
	free(places->items);
	places->items = NULL;
}
