/* The order of records that are read without an index: sources with weights are interleaved, and a buffer shuffles. */
#ifndef DATASET_RECORD_ORDER_H
#define DATASET_RECORD_ORDER_H

#include "core/rng.h"
#include "formats/dataset/reader.h"

/* Interleaves sources with weights evenly, record by record.  The sources of one *WEIGHT argument are a group, and those without a weight
 * are another; within a group sources are read one after the other. */
struct interleave {
	struct reader *current; /* the reader of the last record */
	struct reader *first;   /* the group of the first source */
	struct reader *others;
	struct group_state *states; /* of first, then of the others; NULL: there is only one group */
	size_t count;               /* of the others */
};

/* Moves the sources of other groups out of `first`, which is borrowed and whose first source may be open.  counted: the numbers of records
 * are known, so that all groups end together; otherwise groups take turns by weight until they end.  -1: too many groups. */
int interleave_init(struct interleave *interleave, struct reader *first, bool counted, struct err *err);

/* As reader_next. */
int interleave_next(struct interleave *interleave, struct record *record, bool skip, struct err *err);
int interleave_rewind(struct interleave *interleave, struct err *err);
void interleave_free(struct interleave *interleave);

/* --shuffle=N: a buffer of N records.  Each record is exchanged for a random one of the buffer.  The order depends on the order of arrival
 * and on the seed. */
struct shuffle_buffer {
	struct record *waiting;
	size_t count, size;
	struct rng rng;
};

/* size: N, at least 1. */
int shuffle_buffer_init(struct shuffle_buffer *buffer, size_t size, struct err *err);
void shuffle_buffer_epoch(struct shuffle_buffer *buffer, uint64_t seed, uint64_t epoch);

/* Stores the record, which must own its bytes, and exchanges it for another.  False: the buffer is still filling, and *record is empty. */
bool shuffle_buffer_swap(struct shuffle_buffer *buffer, struct record *record);

/* Removes one record from the buffer.  False: it is empty. */
bool shuffle_buffer_take(struct shuffle_buffer *buffer, struct record *record);
void shuffle_buffer_free(struct shuffle_buffer *buffer);

#endif
