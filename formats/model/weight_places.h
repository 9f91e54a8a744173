/* The tensors of another program's checkpoint, each assigned to a parameter of our model. */
#ifndef MODEL_WEIGHT_PLACES_H
#define MODEL_WEIGHT_PLACES_H

#include "clip/parameters.h"
#include "formats/model/weights.h"
#include "core/buf.h"
#include "clip/hf_config.h"
#include "core/err.h"

#include <stdbool.h>

/* Part 1: a configuration for weights without open_clip's, derived from their names and shapes and from what other files state.
 * Shapes do not determine the number of attention heads: it must be stated or known from a published architecture. */

/* A tensor under open_clip's name, with the shape that open_clip gives it. */
struct placed_shape {
	const char *name;
	size_t rank, shape[8];
};

/* What the shapes do not determine. */
struct weight_facts {
	struct stated stated; /* takes precedence over the shapes; weight_places_check compares later */
	bool hf;              /* transformers' default numbers of heads apply */
	size_t image_heads, text_heads;   /* results */
	bool image_guessed, text_guessed; /* results: neither stated nor published; one head, as the tower is narrower than two of 64 */
};

/* Appends open_clip's JSON for a vision transformer or CLIP's ResNet.  Errors name the tensor that is missing or of an
 * impossible shape, or the tower whose number of heads is unknown. */
int weight_config(struct buf *json, const struct placed_shape *shapes, size_t count, struct weight_facts *facts, struct err *err);

/* Part 2: the parameter that a tensor of another program's CLIP belongs to. */
enum { WEIGHT_NAME = 256 };

struct weight_place {
	char name[WEIGHT_NAME]; /* open_clip's */
	unsigned part, parts; /* part `part` of `parts` equal ones along the first axis: queries, keys, values */
	bool transposed;
};

/* Keeps the names of open_clip, OpenAI and CleanCLIP's authors and translates those of Hugging Face's CLIPModel.  Removes
 * wrappers such as "module." anywhere, and "text." before a text tower.
 * false: not a parameter (position_ids and other buffers that follow from the configuration). */
bool weight_place(struct weight_place *place, struct span name);

/* The name without wrappers, NUL-terminated, truncated to WEIGHT_NAME - 1 bytes. */
void weight_name_unwrap(char unwrapped[WEIGHT_NAME], struct span name);

/* The kind of model that a tensor of this name belongs to, if known and not supported ("SigLIP"); otherwise NULL. */
const char *weight_unsupported(struct span name);

struct place {
	struct weight_place at;
	bool other;   /* outside the model: part of an optimizer, or of another model */
	bool used;    /* a parameter of the model */
	bool counter; /* a batch norm's number of batches, the same for all of a model's batch norms */
	bool resized; /* a position embedding whose length is changed */
	const struct weight *weight;
	const struct parameter *parameter;
	struct placed_shape shape; /* in our layout; of the part, where it is one */
};

struct weight_places {
	const struct weights *weights;
	struct place *items; /* in the order of the weights */
	int64_t batches;     /* value of the counters, after weight_places_read */
	struct span prefix;  /* of the model's names: "state_dict.module." */
	size_t other_count;  /* tensors outside the model */
};

/* prefix: which model to take if the file holds several, with or without the last dot; NULL: it must hold one.
 * Errors: no CLIP model; several, whose prefixes are listed. */
int weight_places_find(struct weight_places *places, const struct weights *weights, const char *prefix, struct err *err);

/* Appends the names of the first few tensors outside the model, and the number of the others. */
void weight_places_others(const struct weight_places *places, struct buf *list);

/* The names and shapes of the model's parameters.  The caller frees *shapes. */
int weight_places_shapes(const struct weight_places *places, struct placed_shape **shapes, size_t *count, struct err *err);

/* Requires each parameter once, whole or in all its parts, and nothing else.  The error lists tensors that are missing, unexpected,
 * duplicate or of the wrong shape, with both shapes.  resize: position embeddings may have another length. */
int weight_places_check(struct weight_places *places, const struct parameters *set, bool resize, struct err *err);

/* Fills the parameters, which must have memory.  Errors name the tensor whose type is not supported or whose values are not finite. */
int weight_places_read(const struct weight_places *places, struct parameters *set, struct err *err);
void weight_places_free(struct weight_places *places);

#endif
