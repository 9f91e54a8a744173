/* A configuration for weights that came without one: told by their names and shapes, as OpenAI's loader tells it. */
#ifndef TOOLS_WEIGHT_CONFIG_H
#define TOOLS_WEIGHT_CONFIG_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>

/* A tensor under open_clip's name, as it lies there. */
struct placed_shape {
	const char *name;
	size_t rank, shape[8];
};

/* Appends open_clip's JSON for a vision transformer or CLIP's ResNet.  Shapes do not tell the activation.
 * Errors name the tensor that is missing or does not fit. */
int weight_config(struct buf *json, const struct placed_shape *shapes, size_t count, bool quick_gelu, struct err *err);

#endif
