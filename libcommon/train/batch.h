/* What one step is computed from. */
#ifndef TRAIN_BATCH_H
#define TRAIN_BATCH_H

#include "core/err.h"
#include "core/ring.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a batch holds of each record. */
struct batch_shape {
	size_t records;
	size_t views;      /* 1, or 2 with the augmented one */
	size_t image_size; /* pixels a side */
	size_t context;    /* tokens; 0: no texts */
};

/* View v of record i is row v * records + i. */
struct batch {
	struct batch_shape shape;
	size_t count;    /* records put in so far */
	uint64_t epoch;  /* of all of them */
	uint8_t *pixels; /* [views * records, image_size, image_size, 3] */
	int32_t *ids;    /* [views * records, context] */
	size_t *lengths; /* [views * records] */
	int32_t *labels; /* [records] */
	uint64_t *keys;  /* [records] hashes of their keys */
	bool *known;     /* [records] known to be poisoned */
};

/* The bytes that one takes.  -1: it would not fit into any memory. */
int batch_bytes(const struct batch_shape *shape, size_t *bytes, struct err *err);

int batch_init(struct batch *batch, const struct batch_shape *shape, struct err *err);
void batch_free(struct batch *batch);

/* Where the pixels and the ids of view v of the record that is put in next go. */
uint8_t *batch_pixels(const struct batch *batch, size_t view);
int32_t *batch_ids(const struct batch *batch, size_t view);
size_t *batch_length(const struct batch *batch, size_t view);

/* Batches on their way from the thread that fills them to the one that trains on them: records keep arriving while
 * the engine works. */
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
