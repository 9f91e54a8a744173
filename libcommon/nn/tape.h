/* Reverse-mode automatic differentiation: the tape records the ops of a step and runs their backwards in reverse order.
 *
 * An op takes tensors, computes its result at once into the step's arena, and records a node whose backward *adds* to the
 * gradients of its inputs.  A result wants a gradient if one of its inputs does and the tape records.  Its grad is NULL until
 * something is added to it, and again after its own backward has run.
 * Errors are sticky: an op with a NULL input, or without memory, returns NULL and sets tape->failed, which the caller checks
 * once, at the end.  Shapes are the caller's responsibility; they are asserted. */
#ifndef NN_TAPE_H
#define NN_TAPE_H

#include "core/arena.h"
#include "core/parallel.h"

#include <stdbool.h>
#include <stddef.h>

/* float32, row-major.  Images are [n, height, width, channels]; others [rows, columns] or [n, tokens, width]. */
enum { TENSOR_RANK = 4 };

struct tensor {
	size_t rank;
	size_t shape[TENSOR_RANK]; /* unused axes are 1 */
	float *data;
	bool wants_grad; /* false: input data, frozen parameters, and results computed only from these */
	float *grad;     /* same shape; NULL: not wanted, or (for a result) nothing added yet */
	bool stale;      /* grad holds values of an earlier step and counts as zero: the next write stores, later ones add */
	bool result;     /* of an op; the tape owns the memory of grad */
};

size_t tensor_size(const struct tensor *tensor);    /* elements */
size_t tensor_columns(const struct tensor *tensor); /* the last axis */
size_t tensor_rows(const struct tensor *tensor);    /* the product of all other axes */

/* Whether anything was added to its gradient in this step. */
bool tensor_has_grad(const struct tensor *tensor);

/* Zeroes a stale gradient.  For parameters; tape_wants_grad does it for results. */
void tensor_clear_stale(struct tensor *tensor);

struct tape {
	struct pool *pool;
	struct arena *arena;
	bool training;    /* batch norm uses the batch's statistics and updates the running ones */
	bool recording;   /* save what the backward needs; false: forward only, no gradients */
	bool recompute;   /* gradient checkpointing in op_blocks */
	bool recomputing; /* op_blocks is repeating a forward: side effects (running statistics) must not happen twice */
	bool failed;
	struct tape_node *last;
	double flops; /* of matrix products and convolutions so far, forward; a multiplication and its addition count as two */

	struct tape_block *blocks; /* free list of the memory of gradients */
	float *scratch;            /* of tape_scratch */
	size_t scratch_size, scratch_most;
};

struct tape_node {
	struct tape_node *previous;
	struct tensor *result;
	void (*backward)(struct tape *tape, void *saved);
	void *saved; /* the op's data, in the arena */
};

/* A tensor in the arena.  data is not initialised; grad is zeroed, or NULL unless `wants_grad` and the tape records.
 * NULL: out of memory. */
struct tensor *tape_tensor(struct tape *tape, size_t rank, const size_t *shape, bool wants_grad);

/* The same without memory for grad: for the results of ops.  Their backward is not run if nothing was added to grad. */
struct tensor *tape_result(struct tape *tape, size_t rank, const size_t *shape, bool wants_grad);

/* For a backward: whether x (may be NULL) wants a gradient; if so, x->grad has memory.  *add: add to x->grad; false: store,
 * because nothing was added before, which saves zeroing it. */
bool tape_wants_grad(struct tape *tape, struct tensor *x, bool *add);

/* The same for callers that always add: zeroes x->grad if nothing was added before. */
bool tape_wants_sum(struct tape *tape, struct tensor *x);

/* Sets failed.  Returns NULL. */
struct tensor *tape_fail(struct tape *tape);

/* A copy of `size` bytes in the arena.  NULL: out of memory. */
void *tape_save(struct tape *tape, const void *data, size_t size);

/* Memory from the arena, not initialised.  NULL: out of memory. */
float *tape_floats(struct tape *tape, size_t count);

/* `count` floats of scratch for one op, not initialised, borrowed until the next call.  NULL: out of memory. */
float *tape_scratch(struct tape *tape, size_t count);
size_t tape_stride(size_t floats); /* rounded up to whole cache lines, so that threads do not write to the same line */

/* Records a backward.  Does nothing if the tape does not record or result wants no gradient. */
void tape_record(struct tape *tape, struct tensor *result, void (*backward)(struct tape *, void *), void *saved);

/* Adds y's gradient to x's, of the same size, if x wants one.  tape_pass_grad may move y's memory to x instead: y's gradient must
 * not be used afterwards. */
void tape_add_grad(struct tape *tape, const struct tensor *y, struct tensor *x);
void tape_pass_grad(struct tape *tape, struct tensor *y, struct tensor *x);

/* Sets the gradient of loss ([1]) to 1 and runs every backward, last op first.  -1: the tape has failed.
 * Can be called once: the gradients of results are freed on the way. */
int tape_backward(struct tape *tape, struct tensor *loss);

/* The same in steps, for tests and profiling.  tape_backward_step runs and removes the last node; false: none is left. */
int tape_backward_begin(struct tape *tape, struct tensor *loss);
bool tape_backward_step(struct tape *tape);

/* A position of the tape and its arena.  tape_rewind frees everything computed since; tape_rewind_to keeps y, whose values are
 * moved to the returned tensor.  NULL: out of memory. */
struct tape_mark {
	struct arena_mark arena;
	struct tape_node *last;
	struct tape_block *blocks;
	float *scratch;
	size_t scratch_size;
};
struct tape_mark tape_mark(const struct tape *tape);
void tape_rewind(struct tape *tape, const struct tape_mark *mark);
struct tensor *tape_rewind_to(struct tape *tape, const struct tape_mark *mark, const struct tensor *y);

/* For a backward that runs ops itself: makes `input` a copy of x that is not a result, with x's gradient memory.  tape_take_grad
 * then ends the loan.  false: out of memory. */
bool tape_lend_grad(struct tape *tape, struct tensor *x, struct tensor *input);
void tape_take_grad(struct tensor *x, const struct tensor *input);

/* Removes all nodes and resets the arena: its tensors are no longer valid. */
void tape_reset(struct tape *tape);

#endif
