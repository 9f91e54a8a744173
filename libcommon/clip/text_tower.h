/* CLIP's text tower: a causal transformer whose feature is taken at the end token. */
#ifndef CLIP_TEXT_TOWER_H
#define CLIP_TEXT_TOWER_H

#include "clip/config.h"
#include "clip/transformer.h"

struct text_tower {
	size_t context;
	struct tensor token_embedding;      /* [vocab_size, width] */
	struct tensor positional_embedding; /* [context_length, width] */
	struct transformer transformer;
	struct tensor ln_final_gain, ln_final_bias;
	struct tensor projection; /* [width, embed_dim] */
};

void text_tower_declare(struct text_tower *tower, const struct clip_config *config, struct parameters *set);

/* ids [n, context_length], lengths[n] with the end token included (1..context_length) -> [n, embed_dim], not normalised.
 * Computed to the longest of the lengths only: nothing that comes later can change a feature. */
struct tensor *text_tower_forward(struct tape *tape, struct text_tower *tower, const int32_t *ids, const size_t *lengths, size_t n);

#endif
