#include "train/micro_batches.h"

#include <string.h>

static int feature_init(struct micro_batches *micro, struct tensor *feature, size_t rows, size_t width, bool trained)
{
	*feature = (struct tensor){ .rank = 2, .shape = { rows, width, 1, 1 }, .wants_grad = trained, .stale = trained };
	feature->data = arena_zeroed(&micro->arena, rows * width, sizeof(float));
	feature->grad = trained ? arena_zeroed(&micro->arena, rows * width, sizeof(float)) : NULL;
	return micro->arena.failed ? -1 : 0;
}

size_t micro_batches_bytes(size_t pieces, const struct batch_shape *shape, const struct clip_config *config)
{
	struct batch_shape part = *shape;
	struct err err;
	size_t bytes;

	part.records /= pieces;
	if (batch_bytes(&part, &bytes, &err))
		return SIZE_MAX / 2;
	return bytes + 4 * shape->views * shape->records * config->embed_dim * sizeof(float);
}

int micro_batches_init(struct micro_batches *micro, size_t pieces, const struct batch_shape *shape, const struct clip *clip, unsigned parts,
	unsigned trained, struct err *err)
{
	struct batch_shape part = *shape;
	size_t rows = shape->views * shape->records, width = clip->config.embed_dim;

	*micro = (struct micro_batches){ .pieces = pieces, .parts = parts };
	part.records /= pieces;
	if (batch_init(&micro->piece, &part, err))
		return -1;
	micro->statistics = arena_zeroed(&micro->arena, parameters_statistics(&clip->parameters) + 1, sizeof(float));
	if (feature_init(micro, &micro->image, rows, width, trained & PART_IMAGE) ||
		((parts & PART_TEXT) && feature_init(micro, &micro->text, rows, width, trained & PART_TEXT)))
		return err_memory(err);
	return 0;
}

void micro_batches_free(struct micro_batches *micro)
{
	batch_free(&micro->piece);
	arena_free(&micro->arena);
}

/* A piece has the layout of a batch: one view after the other. */
static void copy_piece(struct micro_batches *micro, const struct batch *batch, size_t number)
{
	struct batch *piece = &micro->piece;
	const struct batch_shape *shape = &piece->shape;
	size_t n = shape->records, pixels = 3 * shape->image_size * shape->image_size;

	for (size_t view = 0; view < shape->views; view++) {
		size_t from = view * batch->shape.records + number * n, to = view * n;
		memcpy(piece->pixels + to * pixels, batch->pixels + from * pixels, n * pixels);
		memcpy(piece->ids + to * shape->context, batch->ids + from * shape->context, n * shape->context * sizeof *piece->ids);
		memcpy(piece->lengths + to, batch->lengths + from, n * sizeof *piece->lengths);
	}
	piece->count = n;
}

/* First row of a view of a piece among the rows of the whole batch. */
static size_t row_of(const struct micro_batches *micro, size_t number, size_t view)
{
	return (view * micro->pieces + number) * micro->piece.shape.records;
}

static void copy_features(const struct micro_batches *micro, size_t number, const struct tensor *from, struct tensor *to)
{
	size_t n = micro->piece.shape.records, width = tensor_columns(to);

	for (size_t view = 0; from && view < micro->piece.shape.views; view++)
		memcpy(to->data + row_of(micro, number, view) * width, from->data + view * n * width, n * width * sizeof(float));
}

static void copy_statistics(struct parameters *set, float *copy, bool restore)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct tensor *tensor = set->items[i].tensor;
		size_t bytes = tensor_size(tensor) * sizeof(float);
		if (!set->items[i].statistic)
			continue;
		if (restore)
			memcpy(tensor->data, copy, bytes);
		else
			memcpy(copy, tensor->data, bytes);
		copy += tensor_size(tensor);
	}
}

int micro_batches_embed(
	struct micro_batches *micro, struct tape *tape, struct clip *clip, const struct batch *batch, struct features *features)
{
	int64_t batches = clip->parameters.batches;
	bool recording = tape->recording, failed = false;

	copy_statistics(&clip->parameters, micro->statistics, false);
	tape->recording = false;
	for (size_t i = 0; i < micro->pieces && !failed; i++) {
		copy_piece(micro, batch, i);
		struct features piece = features_of(tape, clip, &micro->piece, micro->parts);
		failed = tape->failed;
		if (!failed) {
			copy_features(micro, i, piece.image, &micro->image);
			copy_features(micro, i, piece.text, &micro->text);
		}
		tape_reset(tape);
	}
	tape->recording = recording;
	copy_statistics(&clip->parameters, micro->statistics, true);
	clip->parameters.batches = batches;
	micro->image.stale = micro->image.wants_grad;
	micro->text.stale = micro->text.wants_grad;
	*features = (struct features){ &micro->image, (micro->parts & PART_TEXT) ? &micro->text : NULL };
	return failed ? -1 : 0;
}

/* Gradients of a piece's rows, one view after the other.  NULL: no memory. */
static const float *gradient_of(const struct micro_batches *micro, struct tape *tape, const struct tensor *feature, size_t number)
{
	size_t n = micro->piece.shape.records, views = micro->piece.shape.views, width = tensor_columns(feature);
	float *gradient = tape_floats(tape, views * n * width);

	for (size_t view = 0; gradient && view < views; view++)
		memcpy(gradient + view * n * width, feature->grad + row_of(micro, number, view) * width, n * width * sizeof(float));
	return gradient;
}

static void differentiate_piece(struct micro_batches *micro, struct tape *tape, struct clip *clip, size_t number, unsigned parts)
{
	struct features piece = features_of(tape, clip, &micro->piece, parts);
	struct tensor *results[2];
	const float *gradients[2];
	size_t count = 0;

	if (piece.image) {
		gradients[count] = gradient_of(micro, tape, &micro->image, number);
		results[count++] = piece.image;
	}
	if (piece.text) {
		gradients[count] = gradient_of(micro, tape, &micro->text, number);
		results[count++] = piece.text;
	}
	if (!tape->failed)
		tape_backward(tape, op_given_gradient(tape, count, results, gradients));
}

int micro_batches_backward(struct micro_batches *micro, struct tape *tape, struct clip *clip, const struct batch *batch)
{
	unsigned parts = (micro->image.wants_grad ? PART_IMAGE : 0u) | (micro->text.wants_grad ? PART_TEXT : 0u);
	bool failed = false;

	if (micro->image.wants_grad)
		tensor_clear_stale(&micro->image);
	if (micro->text.wants_grad)
		tensor_clear_stale(&micro->text);
	tape_reset(tape);
	for (size_t i = 0; parts && i < micro->pieces && !failed; i++) {
		copy_piece(micro, batch, i);
		differentiate_piece(micro, tape, clip, i, parts);
		failed = tape->failed;
		tape_reset(tape);
	}
	return failed ? -1 : 0;
}
