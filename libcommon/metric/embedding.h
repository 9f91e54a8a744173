/* A record's embedding. */
#ifndef METRIC_EMBEDDING_H
#define METRIC_EMBEDDING_H

#include "core/record.h"

/* Zero-initialised is empty. */
struct embedding {
	const float *data; /* [width], until the next embedding_read */
	size_t width;      /* at least 1 */
	size_t rows;       /* 1, but of embedding_read_rows */
	struct buf copy;   /* the bytes of a stream lie anywhere, floats must not */
};

/* The field of that name, float32 of one axis, not all zero, all numbers finite and none so large that products of two are not.
 * -1: err says what is missing or wrong. */
int embedding_read(struct embedding *embedding, const struct record *record, const char *name, struct err *err);
/* The same, and also of two axes: one row for each of the captions of a record. */
int embedding_read_rows(struct embedding *embedding, const struct record *record, const char *name, struct err *err);
void embedding_free(struct embedding *embedding);

#endif
