#include "train/batch_queue.h"

#include <string.h>

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
