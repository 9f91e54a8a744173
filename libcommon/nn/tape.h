/* The tape: what was computed in a step, in order, so that it can be gone through backwards.
 *
 * An op takes tensors, computes its result at once into the step's arena, and leaves a node whose backward *adds* into
 * the gradients of its inputs.  A result wants a gradient where one of its inputs does and the tape records; grad is NULL
 * until the first is added to it, and again once its own backward has run.
 * Errors are sticky: an op with a NULL input, or without memory, returns NULL and sets tape->failed; a caller asks
 * once, at the end.  Shapes are the caller's responsibility and asserted. */
#ifndef NN_TAPE_H
#define NN_TAPE_H

#include "core/arena.h"
#include "core/parallel.h"

#include <stdbool.h>
#include <stddef.h>

/* float32, row-major.  Images are [n, height, width, channels]; the rest [rows, columns] or [n, tokens, width]. */
enum { TENSOR_RANK = 4 };

struct tensor {
	size_t rank;
	size_t shape[TENSOR_RANK]; /* unused ones are 1 */
	float *data;
	bool wants_grad; /* false: input data, frozen parameters, and what was computed from these alone */
	float *grad;     /* same shape; NULL: none is wanted, or nothing was added to that of a result yet */
	bool stale;      /* grad holds the values of an earlier step and counts as zero: the next to write it stores, later ones add */
	bool result;     /* of an op on a tape, which lends the memory of grad */
};

size_t tensor_size(const struct tensor *tensor);    /* elements */
size_t tensor_columns(const struct tensor *tensor); /* the last axis */
size_t tensor_rows(const struct tensor *tensor);    /* all others multiplied */

/* Whether something was added to its gradient in this step. */
bool tensor_has_grad(const struct tensor *tensor);

/* Fills a stale gradient with zeros.  For parameters; see tape_wants_grad for results. */
void tensor_clear_stale(struct tensor *tensor);

struct tape {
	struct pool *pool;
	struct arena *arena;
	bool training;  /* batch norm takes the batch's statistics and updates the running ones */
	bool recording; /* keep what a backward needs; false: forward only, no gradients */
	bool recompute; /* of blocks (blocks.h) keep the results alone, and compute the rest again in the backward */
	bool again;     /* that is being done: what a forward leaves behind elsewhere is there already */
	bool failed;
	struct tape_node *last;
	double flops;   /* of the products so far, forward: two for a multiplication and its addition */

	struct tape_block *blocks; /* gradients' memory that is free again */
	float *scratch;            /* of tape_scratch */
	size_t scratch_size, scratch_most;
};

struct tape_node {
	struct tape_node *previous;
	struct tensor *result;
	void (*backward)(struct tape *tape, void *saved);
	void *saved; /* the op's own, in the arena */
};

/* Data not initialised; grad zeroed, there only if `wants_grad` and the tape records.  NULL: failed. */
struct tensor *tape_tensor(struct tape *tape, size_t rank, const size_t *shape, bool wants_grad);

/* The same without memory for the gradient yet: for ops that record a backward, which is not run where nothing was added. */
struct tensor *tape_result(struct tape *tape, size_t rank, const size_t *shape, bool wants_grad);

/* For a backward: whether x (may be NULL) wants a gradient; then x->grad has memory.  *add is false where the caller
 * must store instead of adding, because nothing was added before.  That saves a step one pass of zeros over every result. */
bool tape_wants_grad(struct tape *tape, struct tensor *x, bool *add);

/* The same for callers that always add: x->grad is zeroed where nothing was added before. */
bool tape_wants_sum(struct tape *tape, struct tensor *x);

/* Sets failed.  Returns NULL. */
struct tensor *tape_fail(struct tape *tape);

/* A copy of `size` bytes in the arena.  NULL: failed. */
void *tape_save(struct tape *tape, const void *data, size_t size);

/* Memory of the arena, not initialised.  NULL: failed. */
float *tape_floats(struct tape *tape, size_t count);

/* `count` floats for the work of one op, not initialised; borrowed until the next call.  NULL: failed. */
float *tape_scratch(struct tape *tape, size_t count);
size_t tape_stride(size_t floats); /* rounded up to whole cache lines: between what different threads write */

/* Records a backward.  A no-op where the tape does not record or result wants no gradient. */
void tape_record(struct tape *tape, struct tensor *result, void (*backward)(struct tape *, void *), void *saved);

/* Adds y's gradient to x's, of the same size, where x wants it.  The second, for when nobody needs y's any more, lets x
 * have its memory where that does. */
void tape_add_grad(struct tape *tape, const struct tensor *y, struct tensor *x);
void tape_pass_grad(struct tape *tape, struct tensor *y, struct tensor *x);

/* Sets loss ([1]) 's gradient to 1 and runs every backward, last op first.  -1: the tape had failed.
 * Once: gradients of results are used up on the way. */
int tape_backward(struct tape *tape, struct tensor *loss);

/* Its two steps, for who wants to look in between: the second runs and forgets the last node; false: there is none. */
int tape_backward_begin(struct tape *tape, struct tensor *loss);
bool tape_backward_step(struct tape *tape);

/* Where the tape and its arena stand, so that what was computed since can be forgotten: all of it, or all but y, whose
 * values are moved.  NULL: no memory. */
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

/* For a backward that goes through a tape of its own: x as an input of that one, its gradient's memory taken from this
 * one.  With take, x has that gradient.  false: no memory. */
bool tape_lend_grad(struct tape *tape, struct tensor *x, struct tensor *input);
void tape_take_grad(struct tensor *x, const struct tensor *input);

/* Forgets everything and resets the arena: all its tensors are gone. */
void tape_reset(struct tape *tape);

#endif
