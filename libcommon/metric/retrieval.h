/* Retrieval: of n pairs, how often the other half of a pair is among the 1, 5, 10 nearest. */
#ifndef METRIC_RETRIEVAL_H
#define METRIC_RETRIEVAL_H

#include "core/buf.h"
#include "core/err.h"
#include "core/parallel.h"

#include <stdint.h>

enum { RETRIEVAL_TOPS = 3 };
extern const size_t retrieval_tops[RETRIEVAL_TOPS];

/* Keeps all embeddings: 8 bytes times width a pair.  Zero-initialised is empty. */
struct retrieval {
	size_t n, width;
	struct buf images, texts; /* [n, width] float */
};

/* One pair of [width] vectors.  All pairs must have the same width. */
int retrieval_add(struct retrieval *retrieval, const float *image, const float *text, size_t width, struct err *err);
void retrieval_free(struct retrieval *retrieval);

/* For each image how many texts are nearer than its own (inner product; of equal ones those that came earlier), and for
 * each text how many images are.  Both [n].  2 n^2 width flops each. */
void retrieval_image_ranks(const struct retrieval *retrieval, struct pool *pool, uint32_t *text_ranks);
void retrieval_text_ranks(const struct retrieval *retrieval, struct pool *pool, uint32_t *image_ranks);

#endif
