/* Retrieval between images and texts: recall@K as open_clip and CLIP_benchmark define it.  For a text, whether its image is among the
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

/* Add an embedding of [width] numbers; all must have the same width.  image: the number, from 0, of the image that the text belongs to;
 * every image must get a text. */
int retrieval_add_image(struct retrieval *retrieval, const float *image, size_t width, struct err *err);
int retrieval_add_text(struct retrieval *retrieval, const float *text, size_t width, size_t image, struct err *err);
void retrieval_free(struct retrieval *retrieval);

/* ranks: with of_images, for each image the number of other images' texts that are nearer than the nearest of its own, [images];
 * otherwise for each text the number of images that are nearer than its own, [texts].  Nearer: by inner product; of equal ones the
 * earlier.  Matrix products decide, and `dot` where their error leaves doubt, so ranks are the same on every CPU.
 * Takes 2 * images * texts * width flops. */
int retrieval_ranks(const struct retrieval *retrieval, bool of_images, struct pool *pool, uint32_t *ranks, struct err *err);

#endif
