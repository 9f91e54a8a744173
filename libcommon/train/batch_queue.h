/* Batches on their way from the thread that fills them to the one that trains on them: records keep arriving while
 * the engine works. */
#ifndef TRAIN_BATCH_QUEUE_H
#define TRAIN_BATCH_QUEUE_H

#include "core/ring.h"
#include "train/batch.h"

enum { BATCH_QUEUE = 4 }; /* one is trained on, one is filled, two wait */

struct batch_queue {
	struct ring ring;
	struct batch batches[BATCH_QUEUE];
};

/* The caller frees with batch_queue_free, also after an error. */
int batch_queue_init(struct batch_queue *queue, const struct batch_shape *shape, struct err *err);
void batch_queue_free(struct batch_queue *queue);

/* The filler: waits for an empty batch (NULL: cancelled), fills it, and calls ring_push; at last ring_close. */
struct batch *batch_queue_empty(struct batch_queue *queue);

/* The taker: the next batch, which is borrowed until the next call.  NULL: closed and all were taken, or woken. */
struct batch *batch_queue_take(struct batch_queue *queue);

#endif
