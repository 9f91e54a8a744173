/* Embeddings: read from records, compared, searched for duplicates. */
#ifndef METRIC_VECTORS_H
#define METRIC_VECTORS_H

#include "core/err.h"
#include "core/record.h"

#include <stddef.h>

/* The number of rows that equal an earlier row bit for bit, and the first such pair. */
struct repeats {
	size_t count, row, earlier;
};

/* rows: [n, width].  Uses 16 bytes of scratch for each row. */
int vectors_repeats(const float *rows, size_t n, size_t width, struct repeats *repeats, struct err *err);

/* The inner product, bit for bit the same on every CPU: sixteen partial sums are added at the end, for any width of SIMD. */
float dot(const float *a, const float *b, size_t n);

/* The inner product of a - b with itself, summed in the same way. */
float square_distance(const float *a, const float *b, size_t n);

/* The embedding in a record. */

/* Zero-initialised is empty. */
struct embedding {
	const float *data; /* [rows, width], borrowed until the next embedding_read */
	size_t width;      /* at least 1 */
	size_t rows;       /* 1, except after embedding_read_rows */
	struct buf copy;   /* aligned for floats, which a stream's bytes are not */
};

/* Reads the field of that name: float32, one axis, not all zero, all numbers finite and small enough that their products are finite.
 * -1: it is missing or not such an embedding. */
int embedding_read(struct embedding *embedding, const struct record *record, const char *name, struct err *err);
/* The same, but also accepts two axes: one row for each caption of a record. */
int embedding_read_rows(struct embedding *embedding, const struct record *record, const char *name, struct err *err);
void embedding_free(struct embedding *embedding);

#endif
