#include "train/batch.h"

#include <stdlib.h>
#include <string.h>

/* The factors come from a configuration and an option: each is small, but their product may overflow. */
int batch_bytes(const struct batch_shape *shape, size_t *bytes, struct err *err)
{
	size_t row = 3 * shape->image_size * shape->image_size + sizeof(int32_t) * shape->context + sizeof(size_t);

	if (shape->records > SIZE_MAX / 4 / shape->views / row)
		return err_set(err, "a batch of %zu records does not fit into memory", shape->records);
	*bytes = shape->records * (shape->views * row + sizeof(int32_t) + sizeof(uint64_t) + sizeof(bool));
	return 0;
}

int batch_init(struct batch *batch, const struct batch_shape *shape, struct err *err)
{
	size_t bytes, rows = shape->views * shape->records, pixels = 3 * shape->image_size * shape->image_size;

	*batch = (struct batch){ .shape = *shape };
	if (batch_bytes(shape, &bytes, err))
		return -1;
	batch->pixels = malloc(rows * pixels + 1);
	batch->ids = calloc(rows * shape->context + 1, sizeof *batch->ids);
	batch->lengths = calloc(rows + 1, sizeof *batch->lengths);
	batch->labels = calloc(shape->records + 1, sizeof *batch->labels);
	batch->keys = calloc(shape->records + 1, sizeof *batch->keys);
	batch->known = calloc(shape->records + 1, sizeof *batch->known);
	if (batch->pixels && batch->ids && batch->lengths && batch->labels && batch->keys && batch->known)
		return 0;
	memory_set_failed();
	return err_set(err, "a batch of %zu records does not fit into memory", shape->records);
}

void batch_free(struct batch *batch)
{
	free(batch->pixels);
	free(batch->ids);
	free(batch->lengths);
	free(batch->labels);
	free(batch->keys);
	free(batch->known);
	memset(batch, 0, sizeof *batch);
}

static size_t row(const struct batch *batch, size_t view)
{
	return view * batch->shape.records + batch->count;
}

uint8_t *batch_pixels(const struct batch *batch, size_t view)
{
	return batch->pixels + row(batch, view) * 3 * batch->shape.image_size * batch->shape.image_size;
}

int32_t *batch_ids(const struct batch *batch, size_t view)
{
	return batch->ids + row(batch, view) * batch->shape.context;
}

size_t *batch_length(const struct batch *batch, size_t view)
{
	return batch->lengths + row(batch, view);
}

int batch_queue_init(struct batch_queue *queue, const struct batch_shape *shape, struct err *err)
{
	int status = 0;

	memset(queue, 0, sizeof *queue);
	ring_init(&queue->ring, BATCH_QUEUE);
	for (size_t i = 0; i < BATCH_QUEUE && status == 0; i++)
		status = batch_init(&queue->batches[i], shape, err);
	return status;
}

void batch_queue_free(struct batch_queue *queue)
{
	for (size_t i = 0; i < BATCH_QUEUE; i++)
		batch_free(&queue->batches[i]);
	ring_free(&queue->ring);
}

struct batch *batch_queue_empty(struct batch_queue *queue)
{
	size_t slot;

	if (!ring_wait_slot(&queue->ring, &slot))
		return NULL;
	queue->batches[slot].count = 0;
	return &queue->batches[slot];
}

struct batch *batch_queue_take(struct batch_queue *queue)
{
	size_t slot;

	return ring_take(&queue->ring, &slot) ? &queue->batches[slot] : NULL;
}
