/* Where a tensor of another program's CLIP belongs in ours. */
#ifndef MODEL_WEIGHT_NAMES_H
#define MODEL_WEIGHT_NAMES_H

#include "core/buf.h"

#include <stdbool.h>

enum { WEIGHT_NAME = 256 };

struct weight_place {
	char name[WEIGHT_NAME]; /* open_clip's */
	unsigned part, parts; /* of `parts` equal ones along the first axis: queries, keys, values */
	bool transposed;
};

/* open_clip's, OpenAI's and the authors' names are kept; those of Hugging Face's CLIPModel are translated.  Wrappers such as "module." are
 * removed wherever they are, and "text." in front of a text tower.
 * false: it is not a parameter (position_ids and other buffers that follow from the configuration). */
bool weight_place(struct weight_place *place, struct span name);

/* The name without wrappers, NUL-terminated; a longer one is cut. */
void weight_name_unwrap(char unwrapped[WEIGHT_NAME], struct span name);

/* The kind of model that a tensor of this name belongs to, if that kind is known and not supported; or NULL. */
const char *weight_stranger(struct span name);

#endif
