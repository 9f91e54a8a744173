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

	float *scratch; /* of tape_scratch */
	size_t scratch_size, scratch_most;
};

struct tape_node {
	struct tape_node *previous;
	struct tensor *result;
	void (*backward)(struct tape *tape, void *saved);
	void *saved; /* the op's own, in the arena */
};

/* A result: data not initialised; grad zeroed, there only if `with_grad` and the tape records.  NULL: failed. */
struct tensor *tape_tensor(struct tape *tape, size_t rank, const size_t *shape, bool with_grad);

/* The same with an unset gradient: for ops that record a backward, which is not run where nobody added to it. */
struct tensor *tape_result(struct tape *tape, size_t rank, const size_t *shape, bool with_grad);

/* Sets failed.  Returns NULL. */
struct tensor *tape_fail(struct tape *tape);

/* A copy of `size` bytes in the arena.  NULL: failed. */
void *tape_save(struct tape *tape, const void *data, size_t size);

/* Memory of the arena, not initialised.  NULL: failed. */
float *tape_floats(struct tape *tape, size_t count);

/* `count` floats for the work of one op, not initialised; borrowed until the next call.  NULL: failed. */
float *tape_scratch(struct tape *tape, size_t count);
size_t tape_stride(size_t floats); /* rounded up to whole cache lines: between what different threads write */

/* Records a backward.  A no-op where the tape does not record or result has no gradient. */
void tape_record(struct tape *tape, struct tensor *result, void (*backward)(struct tape *, void *), void *saved);

/* Adds y's gradient to x's, of the same size.  The second, for when nobody needs y's any more, lets x have its memory
 * where x is a result too and its gradient was unset. */
void tape_add_grad(struct tape *tape, const struct tensor *y, struct tensor *x);
void tape_pass_grad(struct tape *tape, struct tensor *y, struct tensor *x);

/* Sets loss ([1]) 's gradient to 1 and runs every backward, last op first.  -1: the tape had failed.
 * Once: gradients of results are used up on the way, and their memory may be handed on. */
int tape_backward(struct tape *tape, struct tensor *loss);

/* Forgets everything and resets the arena: all its tensors are gone. */
void tape_reset(struct tape *tape);

#endif
