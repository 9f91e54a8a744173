/* Where a tensor of another program's CLIP belongs in ours. */
#ifndef TOOLS_WEIGHT_NAMES_H
#define TOOLS_WEIGHT_NAMES_H

#include "core/buf.h"

#include <stdbool.h>

struct weight_place {
	char name[256];     /* open_clip's */
	unsigned part, parts; /* of `parts` equal ones along the first axis: queries, keys, values */
	bool transposed;
};

/* open_clip's, OpenAI's and the authors' names stand for themselves; those of Hugging Face's CLIPModel are translated.
 * false: it is no parameter (position_ids and other buffers that follow from the configuration). */
bool weight_place(struct weight_place *place, struct span name);

#endif
