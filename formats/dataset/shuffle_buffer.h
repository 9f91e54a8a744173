/* --shuffle=N: each record changes places with one of N that wait.  The order depends on the order of arrival and on the seed. */
#ifndef DATASET_SHUFFLE_BUFFER_H
#define DATASET_SHUFFLE_BUFFER_H

#include "core/record.h"
#include "core/rng.h"

struct shuffle_buffer {
	struct record *waiting;
	size_t count, size;
	struct rng rng;
};

/* size: N, at least 1. */
int shuffle_buffer_init(struct shuffle_buffer *buffer, size_t size, struct err *err);
void shuffle_buffer_epoch(struct shuffle_buffer *buffer, uint64_t seed, uint64_t epoch);

/* Takes the record, which must own its bytes, and leaves another one in its place: true; or none: false, as long as it fills up. */
bool shuffle_buffer_swap(struct shuffle_buffer *buffer, struct record *record);

/* One of those that wait. */
bool shuffle_buffer_take(struct shuffle_buffer *buffer, struct record *record);
void shuffle_buffer_free(struct shuffle_buffer *buffer);

#endif
