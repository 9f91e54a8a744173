/* A batch: the input of one step, and the queue between the thread that packs batches and the one that trains. */
#ifndef TRAIN_BATCH_H
#define TRAIN_BATCH_H

#include "core/err.h"
#include "core/ring.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Dimensions of a batch. */
struct batch_shape {
	size_t records;
	size_t views;      /* 1, or 2 with the augmented view */
	size_t image_size; /* side in pixels */
	size_t context;    /* tokens per text; 0: no texts */
};

/* View v of record i is row v * records + i. */
struct batch {
	struct batch_shape shape;
	size_t count;    /* records added so far */
	uint64_t epoch;  /* of all its records */
	uint8_t *pixels; /* [views * records, image_size, image_size, 3] */
	int32_t *ids;    /* [views * records, context] */
	size_t *lengths; /* [views * records] */
	int32_t *labels; /* [records] */
	uint64_t *keys;  /* [records], hashes of their keys */
	bool *known;     /* [records], known to be poisoned */
};

/* Bytes of memory of a batch.  -1: overflow. */
int batch_bytes(const struct batch_shape *shape, size_t *bytes, struct err *err);

int batch_init(struct batch *batch, const struct batch_shape *shape, struct err *err);
void batch_free(struct batch *batch);

/* Where to write pixels, token ids and text length of a view of the next record. */
uint8_t *batch_pixels(const struct batch *batch, size_t view);
int32_t *batch_ids(const struct batch *batch, size_t view);
size_t *batch_length(const struct batch *batch, size_t view);

/* Number of batches in the queue: one is trained on, one is being filled, two wait. */
enum { BATCH_QUEUE = 4 };

struct batch_queue {
	struct ring ring;
	struct batch batches[BATCH_QUEUE];
};

/* The caller frees with batch_queue_free, also after an error. */
int batch_queue_init(struct batch_queue *queue, const struct batch_shape *shape, struct err *err);
void batch_queue_free(struct batch_queue *queue);

/* For the producer: waits for an empty batch.  NULL: cancelled.  Call ring_push when it is full, and ring_close at the end. */
struct batch *batch_queue_empty(struct batch_queue *queue);

/* For the consumer: the next full batch, borrowed until the next call.  NULL: closed and empty, or woken by ring_wake. */
struct batch *batch_queue_take(struct batch_queue *queue);

#endif
