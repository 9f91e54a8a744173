/* Compares the tensors of another program's file with the parameters of a model. */
#include "formats/model/weight_places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A list in a message: the first SHOWN names, and the number of the others. */
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

static void names_append(struct names *names, struct buf *message, const char *what)
{
	if (names->count)
		buf_printf(message, "%s%s: %s", message->size ? "; " : "", what, buf_string(&names->text));
	if (names->count > SHOWN)
		buf_printf(message, " and %zu more", names->count - SHOWN);
	buf_free(&names->text);
}

void weight_places_others(const struct weight_places *places, struct buf *list)
{
	struct names names = { 0 };

	for (size_t i = 0; i < places->weights->count; i++)
		if (places->items[i].other) {
			const struct span name = places->weights->items[i].name;
			if (names.count < SHOWN)
				buf_printf(&names.text, "%s%.*s", names.count ? ", " : "", span_shown(name, 100), (const char *)name.data);
			names.count++;
		}
	names_append(&names, list, "not used");
}

/* The position embeddings that open_clip resizes. */
static bool is_positions(const char *name)
{
	return strcmp(name, "visual.positional_embedding") == 0 || strcmp(name, "positional_embedding") == 0;
}

/* The shape that the file's tensor must have. */
static size_t expected_shape(const struct place *place, size_t shape[TENSOR_RANK])
{
	const size_t rank = place->parameter->tensor->rank;

	parameter_shape(place->parameter, shape);
	if (rank)
		shape[0] /= place->at.parts;
	return rank;
}

static bool shape_fits(struct place *place, bool resize)
{
	size_t shape[TENSOR_RANK], ones = 1;
	const size_t rank = expected_shape(place, shape);
	bool same = place->shape.rank == rank;

	for (size_t i = 0; i < place->shape.rank; i++)
		ones *= place->shape.shape[i];
	if (tensor_size(place->parameter->tensor) == 1 && ones == 1) /* [], [1] and [1, 1] are the same number */
		return true;
	for (size_t i = 0; same && i < rank; i++)
		same = place->shape.shape[i] == shape[i] && (i || shape[0] * place->at.parts == place->parameter->tensor->shape[0]);
	place->resized = !same && resize && rank == 2 && place->shape.rank == 2 && is_positions(place->at.name) && place->shape.shape[0] &&
			 place->shape.shape[1] == shape[1];
	return same || place->resized;
}

/* "NAME (8x4 in the file, 8x8 expected)", with the axes in the file's order. */
static void add_shapes(struct names *names, const struct place *place)
{
	char expected[SHAPE_TEXT], found[SHAPE_TEXT], text[WEIGHT_NAME + 2 * SHAPE_TEXT + 40];
	size_t shape[TENSOR_RANK];
	const size_t rank = expected_shape(place, shape);

	if (place->at.transposed && rank == 2) {
		const size_t rows = shape[0];
		shape[0] = shape[1];
		shape[1] = rows;
	}
	snprintf(text, sizeof text, "%s (%s in the file, %s expected)", place->at.name,
		shape_text(found, place->weight->rank, place->weight->shape), shape_text(expected, rank, shape));
	names_add(names, text);
}

static int by_parameter(const void *a, const void *b)
{
	const struct place *const *left = a, *const *right = b;

	return strcmp((*left)->at.name, (*right)->at.name);
}

/* Queries, keys and values may be separate tensors: one bit for each.  A combined tensor has all three. */
enum { WHOLE = 7 };

static unsigned bits_of(const struct place *place)
{
	return place->at.parts > 1 ? 1U << place->at.part : WHOLE;
}

/* Bits of the parts that exist; in *twice, of those that exist more than once. */
static unsigned parts_found(struct place *const *sorted, size_t count, const char *name, unsigned *twice)
{
	struct place key = { 0 }, *wanted = &key;
	unsigned parts = 0;

	*twice = 0;
	snprintf(key.at.name, sizeof key.at.name, "%s", name);
	struct place *const *found = bsearch(&wanted, sorted, count, sizeof *sorted, by_parameter);
	if (!found)
		return 0;
	while (found > sorted && strcmp(found[-1]->at.name, name) == 0)
		found--;
	for (; found < sorted + count && strcmp((*found)->at.name, name) == 0; found++) {
		*twice |= parts & bits_of(*found);
		parts |= bits_of(*found);
	}
	return parts;
}

/* The tensors that belong to parameters, sorted by the names of these. */
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

struct mismatches {
	struct names missing, left, wrong, twice, inert;
	bool positions; /* --resize-positions would help */
};

/* The name in the file and, if known, the kind of model that it belongs to. */
static void add_left(struct mismatches *mismatches, const struct place *place)
{
	const struct span name = place->weight->name;
	const char *unsupported_part = weight_unsupported(span_string(place->at.name));
	char text[WEIGHT_NAME + 100];

	snprintf(text, sizeof text, "%.*s%s%s%s", span_shown(name, WEIGHT_NAME), (const char *)name.data, unsupported_part ? " (of " : "",
		unsupported_part ? unsupported_part : "", unsupported_part ? ", which is not supported)" : "");
	names_add(&mismatches->left, text);
}

/* Lists pickled values that only running code could construct: one of them may be the missing tensor. */
static void add_inert(struct mismatches *mismatches, const struct weight_places *places)
{
	char text[2 * WEIGHT_NAME + 100];

	for (size_t i = 0; i < places->weights->file_count; i++)
		for (size_t k = 0; k < places->weights->files[i].pt.inert_count; k++) {
			const struct torch_inert *inert = &places->weights->files[i].pt.inert[k];
			if (!span_begins(inert->name, places->prefix))
				continue;
			snprintf(text, sizeof text, "%.*s (%.*s)", span_shown(inert->name, WEIGHT_NAME), (const char *)inert->name.data,
				span_shown(inert->maker, WEIGHT_NAME), (const char *)inert->maker.data);
			names_add(&mismatches->inert, text);
		}
}

static void find_mismatches(struct mismatches *mismatches, struct place **sorted, size_t count, const struct parameters *set, bool resize)
{
	for (size_t i = 0; i < count; i++) {
		sorted[i]->parameter = parameters_find(set, sorted[i]->at.name);
		if (!sorted[i]->parameter) {
			add_left(mismatches, sorted[i]);
		} else if (!shape_fits(sorted[i], resize)) {
			add_shapes(&mismatches->wrong, sorted[i]);
			mismatches->positions |= !resize && shape_fits(sorted[i], true);
		}
	}
	for (size_t i = 0; i < set->count; i++) {
		unsigned twice, parts = parts_found(sorted, count, set->items[i].name, &twice);
		if (parts != WHOLE)
			names_add(&mismatches->missing, set->items[i].name);
		if (twice)
			names_add(&mismatches->twice, set->items[i].name);
	}
}

int weight_places_check(struct weight_places *places, const struct parameters *set, bool resize, struct err *err)
{
	struct mismatches mismatches = { 0 };
	struct buf message = { 0 };
	size_t count;
	struct place **sorted = sorted_places(places, &count);

	if (!sorted)
		return err_memory(err);
	find_mismatches(&mismatches, sorted, count, set, resize);
	if (mismatches.missing.count)
		add_inert(&mismatches, places);
	free(sorted);
	names_append(&mismatches.missing, &message, "missing");
	names_append(&mismatches.left, &message, "unexpected");
	names_append(&mismatches.wrong, &message, "wrong shape");
	names_append(&mismatches.twice, &message, "duplicate");
	names_append(&mismatches.inert, &message, "not readable as tensors");
	if (mismatches.positions)
		buf_append_string(&message, "; use --resize-positions to resize position embeddings");
	int status = message.failed ? err_memory(err)
		     : message.size ? err_set(err, "the weights do not match the configuration: %s", buf_string(&message))
				    : 0;
	buf_free(&message);
	return status;
}
