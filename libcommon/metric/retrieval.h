/* Retrieval (recall@K as open_clip and CLIP_benchmark define it) of n texts of m images: for a text, whether its image is among the
 * K nearest; for an image, whether any of its texts is. */
#ifndef METRIC_RETRIEVAL_H
#define METRIC_RETRIEVAL_H

#include "core/buf.h"
#include "core/err.h"
#include "core/parallel.h"

#include <stdbool.h>
#include <stdint.h>

enum { RETRIEVAL_TOPS = 3 };
extern const size_t retrieval_tops[RETRIEVAL_TOPS];

/* Keeps all embeddings: 4 bytes times width for each image and each text.  Zero-initialised is empty. */
struct retrieval {
	size_t images, texts, width;
	struct buf image_rows, text_rows; /* [images, width], [texts, width] float */
	struct buf owners;                /* [texts] uint32_t: the image that a text belongs to */
};

/* A vector of [width] numbers; all must have the same width.  A text belongs to the image of that number (they are counted from 0);
 * every image must get a text. */
int retrieval_add_image(struct retrieval *retrieval, const float *image, size_t width, struct err *err);
int retrieval_add_text(struct retrieval *retrieval, const float *text, size_t width, size_t image, struct err *err);
void retrieval_free(struct retrieval *retrieval);

/* of_images: for each image how many texts of others are nearer than the nearest of its own (by inner product; of equal ones those
 * that came earlier), [images]; else for each text how many images are nearer than its own, [texts].  Matrix products decide, and
 * `dot` where they leave a doubt: the same ranks on every CPU.  2 images texts width flops. */
int retrieval_ranks(const struct retrieval *retrieval, bool of_images, struct pool *pool, uint32_t *ranks, struct err *err);

#endif
