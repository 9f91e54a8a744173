/* A configuration for weights that came without open_clip's: from their names and shapes, and from what is stated elsewhere.
 * The number of attention heads has no influence on any shape: it is stated, or known for a published architecture, or refused. */
#ifndef MODEL_WEIGHT_CONFIG_H
#define MODEL_WEIGHT_CONFIG_H

#include "clip/hf_config.h"
#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>

/* A tensor under open_clip's name, as it lies there. */
struct placed_shape {
	const char *name;
	size_t rank, shape[8];
};

/* What the shapes do not show. */
struct weight_facts {
	struct stated stated; /* a stated value takes precedence over the shapes, against which the weights are checked later */
	bool hf;              /* transformers' defaults for the heads apply */
	size_t image_heads, text_heads; /* set */
	bool image_guessed, text_guessed; /* set: neither stated nor published, and the tower is too narrow for two heads of width 64 */
};

/* Appends open_clip's JSON for a vision transformer or CLIP's ResNet.  Errors name the tensor that is missing or does not fit, and a tower
 * whose number of heads is unknown. */
int weight_config(struct buf *json, const struct placed_shape *shapes, size_t count, struct weight_facts *facts, struct err *err);

#endif
