#include "train/batch_queue.h"

#include <string.h>

int batch_queue_init(struct batch_queue *queue, const struct batch_shape *shape, struct err *err)
{
	int status = 0;

	memset(queue, 0, sizeof *queue);
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->changed, NULL);
	for (size_t i = 0; i < BATCH_QUEUE && status == 0; i++)
		status = batch_init(&queue->batches[i], shape, err);
	return status;
}

void batch_queue_free(struct batch_queue *queue)
{
	for (size_t i = 0; i < BATCH_QUEUE; i++)
		batch_free(&queue->batches[i]);
	pthread_mutex_destroy(&queue->lock);
	pthread_cond_destroy(&queue->changed);
}

static void unlock_changed(struct batch_queue *queue)
{
	pthread_cond_broadcast(&queue->changed);
	pthread_mutex_unlock(&queue->lock);
}

struct batch *batch_queue_empty(struct batch_queue *queue)
{
	struct batch *batch = NULL;

	pthread_mutex_lock(&queue->lock);
	while (!queue->cancelled && queue->filled - queue->returned == BATCH_QUEUE)
		pthread_cond_wait(&queue->changed, &queue->lock);
	if (!queue->cancelled) {
		batch = &queue->batches[queue->filled % BATCH_QUEUE];
		batch->count = 0;
	}
	pthread_mutex_unlock(&queue->lock);
	return batch;
}

void batch_queue_push(struct batch_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->filled++;
	unlock_changed(queue);
}

void batch_queue_close(struct batch_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->closed = true;
	unlock_changed(queue);
}

struct batch *batch_queue_take(struct batch_queue *queue)
{
	struct batch *batch = NULL;

	pthread_mutex_lock(&queue->lock);
	queue->returned = queue->taken;
	pthread_cond_broadcast(&queue->changed);
	while (!queue->closed && queue->taken == queue->filled)
		pthread_cond_wait(&queue->changed, &queue->lock);
	if (queue->taken < queue->filled)
		batch = &queue->batches[queue->taken++ % BATCH_QUEUE];
	pthread_mutex_unlock(&queue->lock);
	return batch;
}

void batch_queue_cancel(struct batch_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->cancelled = true;
	unlock_changed(queue);
}
