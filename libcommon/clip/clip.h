/* The joined model (Radford et al. 2021, "Learning transferable visual models from natural language supervision"). */
#ifndef CLIP_CLIP_H
#define CLIP_CLIP_H

#include "clip/image_tower.h"
#include "clip/text_tower.h"

struct clip {
	struct clip_config config;
	struct parameters parameters; /* of all that follows */
	void *image;                  /* config.tower's own */
	struct text_tower text;
	struct tensor logit_scale;    /* a scalar: the logarithm of what similarities are multiplied with */
};

/* A model without memory for its values: its names and shapes can be compared with a file's first.
 * The caller frees with clip_free.  NULL: err. */
struct clip *clip_new(const struct clip_config *config, struct err *err);
int clip_allocate(struct clip *clip, struct err *err);
void clip_initialise(struct clip *clip, uint64_t seed);
void clip_free(struct clip *clip); /* NULL is fine */

/* Features [n, embed_dim], not normalised; op_l2_normalise makes embeddings of them.  NULL: the tape failed.
 * pixels: n images of image_size x image_size x 3, as in a record's rgb.npy.
 * A tower none of whose parameters has a gradient is applied as it is: its batch norms keep their statistics. */
struct tensor *clip_encode_images(struct tape *tape, struct clip *clip, const uint8_t *pixels, size_t n);

/* The same for pixels that are a tensor, [n, image_size, image_size, 3] from 0 to 1: where it wants a gradient, it gets one, also
 * from a tower that is not trained. */
struct tensor *clip_encode_pixels(struct tape *tape, struct clip *clip, struct tensor *pixels);

/* ids [n, context_length], each below vocab_size; lengths[n] with the end token included. */
struct tensor *clip_encode_texts(struct tape *tape, struct clip *clip, const int32_t *ids, const size_t *lengths, size_t n);

#endif
