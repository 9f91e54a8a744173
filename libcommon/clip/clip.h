/* CLIP (Radford et al. 2021, "Learning transferable visual models from natural language supervision"): an image tower, a text tower
 * and a temperature. */
#ifndef CLIP_CLIP_H
#define CLIP_CLIP_H

#include "clip/towers.h"

struct clip {
	struct clip_config config;
	struct parameters parameters; /* of both towers and logit_scale */
	void *image;                  /* the image tower, of config.tower's type */
	struct text_tower text;
	struct tensor logit_scale;    /* a scalar: the logarithm of the factor of similarities */
};

/* A model whose parameters have names and shapes but no memory yet, so that they can be compared with a file first; clip_allocate
 * allocates it.  The caller frees with clip_free.  NULL: err is set. */
struct clip *clip_new(const struct clip_config *config, struct err *err);
int clip_allocate(struct clip *clip, struct err *err);
void clip_initialise(struct clip *clip, uint64_t seed);
void clip_free(struct clip *clip); /* NULL is fine */

/* Features [n, embed_dim], not normalised; op_l2_normalise turns them into embeddings.  NULL: the tape has failed.
 * pixels: n images of image_size x image_size x 3 bytes, as in a record's rgb.npy.
 * If no parameter of the tower wants a gradient, batch norms use their running statistics and do not update them. */
struct tensor *clip_encode_images(struct tape *tape, struct clip *clip, const uint8_t *pixels, size_t n);

/* The same for pixels in a tensor [n, image_size, image_size, 3], from 0 to 1.  If it wants a gradient it gets one, even if the tower
 * is not trained. */
struct tensor *clip_encode_pixels(struct tape *tape, struct clip *clip, struct tensor *pixels);

/* ids [n, context_length], each below vocab_size; lengths [n], including the end token. */
struct tensor *clip_encode_texts(struct tape *tape, struct clip *clip, const int32_t *ids, const size_t *lengths, size_t n);

#endif
