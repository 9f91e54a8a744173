/* CLIP's two towers.  An image tower is one file and one line in image_towers.def; the text tower is in towers.c. */
#ifndef CLIP_TOWERS_H
#define CLIP_TOWERS_H

#include "clip/config.h"
#include "clip/parameters.h"
#include "clip/transformer.h"

/* An image tower maps pixels to one row of embed_dim numbers for each image. */
struct image_tower {
	const char *name; /* as in image_towers.def */
	bool (*matches)(const struct value *vision_cfg);
	const struct config_field *fields; /* of struct vision_config */
	int (*check)(const struct vision_config *config, struct err *err);

	/* Returns the tower's struct, in the set's arena, with its tensors declared.  NULL: out of memory. */
	void *(*declare)(const struct clip_config *config, struct parameters *set);

	/* pixels [n, size, size, 3], normalised -> [n, embed_dim] */
	struct tensor *(*forward)(struct tape *tape, void *tower, struct tensor *pixels);
};

#define IMAGE_TOWER(name) extern const struct image_tower image_tower_##name;
#include "clip/image_towers.def"
#undef IMAGE_TOWER

/* The tower that a vision_cfg describes; NULL: none. */
const struct image_tower *image_tower_for(const struct value *vision_cfg);

/* The names of all, separated by commas. */
const char *image_tower_names(void);

/* The text tower: a causal transformer whose output at the end token is the feature. */
struct text_tower {
	size_t context;
	struct tensor token_embedding;      /* [vocab_size, width] */
	struct tensor positional_embedding; /* [context_length, width] */
	struct transformer transformer;
	struct tensor ln_final_gain, ln_final_bias;
	struct tensor projection; /* [width, embed_dim] */
};

void text_tower_declare(struct text_tower *tower, const struct clip_config *config, struct parameters *set);

/* ids [n, context_length], lengths [n] including the end token (1..context_length) -> [n, embed_dim], not normalised.
 * Computes only the tokens up to the longest length: later ones have no influence. */
struct tensor *text_tower_forward(struct tape *tape, struct text_tower *tower, const int32_t *ids, const size_t *lengths, size_t n);

#endif
