#include "tools/model/weight_places.h"

#include "core/float_types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What stands in front of all names of the model: "", "module.", "state_dict.module." ...: told by the one name that every CLIP has. */
static int find_prefix(const struct weights *weights, struct span *prefix, struct err *err)
{
	static const char last[] = "logit_scale";
	const size_t size = sizeof last - 1;
	bool found = false;

	for (size_t i = 0; i < weights->count; i++) {
		struct span name = weights->items[i].name;
		if (name.size < size || memcmp(name.data + name.size - size, last, size) != 0 || (name.size > size && name.data[name.size - size - 1] != '.'))
			continue;
		if (found)
			return err_set(err, "%.*s and %.*s%s: two models in one file", (int)name.size, (const char *)name.data, (int)prefix->size,
				(const char *)prefix->data, last);
		*prefix = span_of(name.data, name.size - size);
		found = true;
	}
	return found ? 0 : err_set(err, "no tensor is called logit_scale, which every CLIP model has: is it one?");
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

int weight_places_find(struct weight_places *places, const struct weights *weights, struct err *err)
{
	struct span prefix = { 0 };

	*places = (struct weight_places){ .weights = weights };
	if (find_prefix(weights, &prefix, err))
		return -1;
	places->items = calloc(weights->count + 1, sizeof *places->items);
	if (!places->items)
		return err_memory(err);
	for (size_t i = 0; i < weights->count; i++) {
		struct place *place = &places->items[i];
		struct span name = weights->items[i].name;
		if (name.size < prefix.size || (prefix.size && memcmp(name.data, prefix.data, prefix.size) != 0))
			continue;
		name = span_of(name.data + prefix.size, name.size - prefix.size);
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

/* A list in a message: the first few names, and how many more. */
struct names {
	struct buf text;
	size_t count;
};

enum { SHOWN = 8 };

static void names_add(struct names *names, const char *name)
{
	if (names->count++ < SHOWN)
		buf_printf(&names->text, "%s%s", names->count > 1 ? ", " : "", name);
}

static void names_say(struct names *names, struct buf *message, const char *what)
{
	if (names->count)
		buf_printf(message, "%s%s: %s", message->size ? "; " : "", what, buf_string(&names->text));
	if (names->count > SHOWN)
		buf_printf(message, " and %zu more", names->count - SHOWN);
	buf_free(&names->text);
}

static bool shape_fits(const struct place *place)
{
	size_t shape[TENSOR_RANK], rank = place->parameter->tensor->rank;

	parameter_shape(place->parameter, shape);
	if (place->shape.rank == 0 && rank == 1 && shape[0] == 1)
		return true;
	if (place->shape.rank != rank)
		return false;
	for (size_t i = 0; i < rank; i++)
		if (place->shape.shape[i] * (i ? 1 : place->at.parts) != shape[i])
			return false;
	return true;
}

static int by_parameter(const void *a, const void *b)
{
	const struct place *const *left = a, *const *right = b;

	return strcmp((*left)->at.name, (*right)->at.name);
}

/* A whole counts as PARTS: queries, keys and values may come apart. */
enum { PARTS = 3 };

static unsigned parts_there(struct place *const *sorted, size_t count, const char *name)
{
	struct place key = { 0 }, *wanted = &key;
	unsigned parts = 0;

	snprintf(key.at.name, sizeof key.at.name, "%s", name);
	struct place *const *found = bsearch(&wanted, sorted, count, sizeof *sorted, by_parameter);
	if (!found)
		return 0;
	while (found > sorted && strcmp(found[-1]->at.name, name) == 0)
		found--;
	for (; found < sorted + count && strcmp((*found)->at.name, name) == 0; found++)
		parts += PARTS / (*found)->at.parts;
	return parts;
}

/* The weights that are used, by the names of their parameters. */
static struct place **sorted_places(struct weight_places *places, size_t *count)
{
	struct place **sorted = calloc(places->weights->count + 1, sizeof *sorted);

	*count = 0;
	for (size_t i = 0; sorted && i < places->weights->count; i++)
		if (places->items[i].used)
			sorted[(*count)++] = &places->items[i];
	if (sorted)
		qsort(sorted, *count, sizeof *sorted, by_parameter);
	return sorted;
}

struct misfits {
	struct names missing, left, wrong, twice;
};

static void find_misfits(struct misfits *misfits, struct place **sorted, size_t count, const struct parameters *set)
{
	for (size_t i = 0; i < count; i++) {
		sorted[i]->parameter = parameters_find(set, sorted[i]->at.name);
		if (!sorted[i]->parameter)
			names_add(&misfits->left, sorted[i]->at.name);
		else if (!shape_fits(sorted[i]))
			names_add(&misfits->wrong, sorted[i]->at.name);
	}
	for (size_t i = 0; i < set->count; i++) {
		unsigned parts = parts_there(sorted, count, set->items[i].name);
		if (parts < PARTS)
			names_add(&misfits->missing, set->items[i].name);
		else if (parts > PARTS)
			names_add(&misfits->twice, set->items[i].name);
	}
}

int weight_places_check(struct weight_places *places, const struct parameters *set, struct err *err)
{
	struct misfits misfits = { 0 };
	struct buf message = { 0 };
	size_t count;
	struct place **sorted = sorted_places(places, &count);

	if (!sorted)
		return err_memory(err);
	find_misfits(&misfits, sorted, count, set);
	free(sorted);
	names_say(&misfits.missing, &message, "missing");
	names_say(&misfits.left, &message, "left over");
	names_say(&misfits.wrong, &message, "of another shape");
	names_say(&misfits.twice, &message, "twice");
	int status = message.size ? err_set(err, "the weights do not fit the configuration: %s", buf_string(&message)) : 0;
	buf_free(&message);
	return status;
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

static void put(const struct place *place, const float *values, size_t count)
{
	float *data = place->parameter->tensor->data;

	if (place->at.transposed)
		transpose(data, values, place->shape.shape[0], place->shape.shape[1]);
	else if (place->at.parts > 1)
		memcpy(data + place->at.part * count, values, count * sizeof *values);
	else
		parameter_import(place->parameter, values);
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
	const size_t count = tensor_size(place->parameter->tensor) / place->at.parts;
	float *values = malloc((count + 1) * sizeof *values);

	if (!values)
		return err_memory(err);
	int status = floats_from(values, data, count, weight->dtype) ? err_set(err, "is %s; F32, F16, BF16 and F64 are read", weight->dtype) : 0;
	const size_t wrong = status ? count : floats_not_finite(values, count);
	if (wrong < count)
		status = err_set(err, "number %zu of %zu is %g", wrong, count, (double)values[wrong]);
	if (status == 0)
		put(place, values, count);
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
