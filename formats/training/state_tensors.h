/* What a state holds beside the model: AdamW's two moments of each trained parameter and the head, as they lie in
 * memory, and what is left out.  Names begin with CHECKPOINT_MORE. */
#ifndef TRAINING_STATE_TENSORS_H
#define TRAINING_STATE_TENSORS_H

#include "formats/model/checkpoint.h"
#include "train/trainer.h"

struct state_tensor {
	const char *name;
	const struct tensor *shape;
	float *data; /* the trainer's */
};

struct state_tensors {
	struct state_tensor *items;
	size_t count;
	struct buf removal; /* removal_store's bytes; empty: there are none */
	struct arena arena;
};

/* The caller frees with state_tensors_free, also after an error. */
int state_tensors_init(struct state_tensors *tensors, const struct trainer *trainer, struct err *err);
void state_tensors_free(struct state_tensors *tensors);

/* Of `text`, and then of all of them with their names. */
int state_tensors_digest(const struct state_tensors *tensors, struct span text, struct digest *digest, struct err *err);

/* For safetensors_write; lives in the arena.  NULL: no memory. */
const struct safetensors_item *state_tensors_items(struct state_tensors *tensors, size_t *count);

/* Fills all of them; `removal` where the file has it. */
int state_tensors_read(struct state_tensors *tensors, const struct safetensors *file, struct err *err);

#endif
