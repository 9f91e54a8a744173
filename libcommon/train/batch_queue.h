/* Batches on their way from the thread that fills them to the one that trains on them: records keep arriving while
 * the engine works. */
#ifndef TRAIN_BATCH_QUEUE_H
#define TRAIN_BATCH_QUEUE_H

#include "train/batch.h"

#include <pthread.h>
#include <stdbool.h>

enum { BATCH_QUEUE = 4 }; /* one is trained on, one is filled, two wait */

struct batch_queue {
	struct batch batches[BATCH_QUEUE];
	size_t filled, taken, returned; /* ever; batch n is batches[n % BATCH_QUEUE] */
	bool closed;    /* by the filler: nothing more comes */
	bool cancelled; /* by the taker: nothing more is wanted */
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

/* The caller frees with batch_queue_free, also after an error. */
int batch_queue_init(struct batch_queue *queue, const struct batch_shape *shape, struct err *err);
void batch_queue_free(struct batch_queue *queue);

/* The filler: waits for an empty batch (NULL: cancelled), fills it, pushes it; at last closes. */
struct batch *batch_queue_empty(struct batch_queue *queue);
void batch_queue_push(struct batch_queue *queue);
void batch_queue_close(struct batch_queue *queue);

/* The taker: the next batch, which is borrowed until the next call.  NULL: closed and all were taken. */
struct batch *batch_queue_take(struct batch_queue *queue);
void batch_queue_cancel(struct batch_queue *queue);

#endif
