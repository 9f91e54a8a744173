/* The tape: what was computed in a step, in order, so that it can be gone through backwards.
 *
 * An op takes tensors, computes its result at once into the step's arena, and leaves a node whose backward *adds* into
 * the gradients of its inputs.  A result has a gradient where one of its inputs has one and the tape records.
 * Errors are sticky: an op with a NULL input, or without memory, returns NULL and sets tape->failed; a caller asks
 * once, at the end.  Shapes are the caller's responsibility and asserted. */
#ifndef NN_TAPE_H
#define NN_TAPE_H

#include "core/arena.h"
#include "core/parallel.h"
#include "nn/tensor.h"

#include <stdbool.h>

struct tape {
	struct pool *pool;
	struct arena *arena;
	bool training;  /* batch norm takes the batch's statistics and updates the running ones */
	bool recording; /* keep what a backward needs; false: forward only, no gradients */
	bool failed;
	struct tape_node *last;
};

struct tape_node {
	struct tape_node *previous;
	void (*backward)(struct tape *tape, void *saved);
	void *saved; /* the op's own, in the arena */
};

/* A result: data not initialised; grad zeroed, there only if `with_grad` and the tape records.  NULL: failed. */
struct tensor *tape_tensor(struct tape *tape, size_t rank, const size_t *shape, bool with_grad);

/* Records a backward.  A no-op where the tape does not record or result has no gradient. */
void tape_record(struct tape *tape, const struct tensor *result, void (*backward)(struct tape *, void *), void *saved);

/* Sets loss ([1]) 's gradient to 1 and runs every backward, last op first.  -1: the tape had failed. */
int tape_backward(struct tape *tape, struct tensor *loss);

/* Forgets everything and resets the arena: all its tensors are gone. */
void tape_reset(struct tape *tape);

#endif
