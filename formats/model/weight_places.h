/* The tensors of a foreign file, each with its place in a model of ours. */
#ifndef MODEL_WEIGHT_PLACES_H
#define MODEL_WEIGHT_PLACES_H

#include "clip/parameters.h"
#include "formats/model/weights.h"
#include "core/buf.h"
#include "clip/hf_config.h"
#include "core/err.h"

#include <stdbool.h>

/* A configuration for weights that came without open_clip's: from their names and shapes, and from what is stated elsewhere.
 * The number of attention heads has no influence on any shape: it is stated, or known for a published architecture, or refused. */

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

/* Where a tensor of another program's CLIP belongs in ours. */
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

struct place {
	struct weight_place at;
	bool other; /* not the model's: an optimizer's, or another model's */
	bool used;  /* a parameter of the model */
	bool counter; /* how many batches a batch norm has seen: all of a model's have seen as many */
	bool resized; /* a position embedding of another size */
	const struct weight *weight;
	const struct parameter *parameter;
	struct placed_shape shape; /* as ours lies, but a part for the whole */
};

struct weight_places {
	const struct weights *weights;
	struct place *items; /* in the order of the weights */
	int64_t batches;     /* the counters', once they are read */
	struct span prefix;  /* of the model's names, "state_dict.module." */
	size_t other_count;  /* tensors that are not the model's */
};

/* prefix: of the model among several, with or without the last dot; NULL: there must be one.  Errors: no CLIP model, or several: their
 * prefixes are listed. */
int weight_places_find(struct weight_places *places, const struct weights *weights, const char *prefix, struct err *err);

/* Appends the names of the first few tensors outside the prefix, and the number of the others. */
void weight_places_others(const struct weight_places *places, struct buf *list);

/* What is known of the model without its configuration.  The caller frees *shapes. */
int weight_places_shapes(const struct weight_places *places, struct placed_shape **shapes, size_t *count, struct err *err);

/* Every parameter once, or in all its parts, and nothing else.  The error lists what is missing, left over, duplicate, or of another shape,
 * with both shapes.  resize: position embeddings may be of another length. */
int weight_places_check(struct weight_places *places, const struct parameters *set, bool resize, struct err *err);

/* Fills the set's parameters, for which there is memory now.  Errors name the tensor whose numbers are of another type or not finite. */
int weight_places_read(const struct weight_places *places, struct parameters *set, struct err *err);
void weight_places_free(struct weight_places *places);

#endif
