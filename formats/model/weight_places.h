/* The tensors of a foreign file, each with its place in a model of ours. */
#ifndef MODEL_WEIGHT_PLACES_H
#define MODEL_WEIGHT_PLACES_H

#include "clip/parameters.h"
#include "formats/model/weight_config.h"
#include "formats/model/weight_names.h"
#include "formats/model/weights.h"

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
