#include "nn/tape.h"

#include "nn/pieces.h"
#include "nn/simd.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

enum { LINE = 16 }; /* floats of a cache line */

struct tensor *tape_fail(struct tape *tape)
{
	tape->failed = true;
	return NULL;
}

void *tape_save(struct tape *tape, const void *data, size_t size)
{
	void *copy = arena_alloc(tape->arena, size);

	if (!copy)
		tape->failed = true;
	else if (size)
		memcpy(copy, data, size);
	return copy;
}

float *tape_floats(struct tape *tape, size_t count)
{
	float *floats = count > SIZE_MAX / sizeof *floats ? NULL : arena_alloc(tape->arena, count * sizeof *floats);

	if (!floats)
		tape->failed = true;
	return floats;
}

size_t tape_stride(size_t floats)
{
	return (floats + LINE - 1) / LINE * LINE;
}

/* The most that was ever asked for is taken at once, so that a step keeps one such piece. */
float *tape_scratch(struct tape *tape, size_t count)
{
	if (count > tape->scratch_most)
		tape->scratch_most = count;
	if (!tape->scratch || count > tape->scratch_size) {
		tape->scratch = tape_floats(tape, tape->scratch_most);
		tape->scratch_size = tape->scratch_most;
	}
	return tape->scratch;
}

struct tensor *tape_result(struct tape *tape, size_t rank, const size_t *shape, bool with_grad)
{
	struct tensor result = { .rank = rank, .shape = { 1, 1, 1, 1 }, .result = true };
	size_t size = 1;

	assert(rank <= TENSOR_RANK);
	for (size_t i = 0; i < rank; i++) {
		if (shape[i] && size > SIZE_MAX / sizeof(float) / shape[i])
			return tape_fail(tape);
		size *= result.shape[i] = shape[i];
	}
	result.data = tape_floats(tape, size);
	if (with_grad && tape->recording) {
		result.grad = tape_floats(tape, size);
		result.unset = true;
	}
	return tape->failed ? NULL : tape_save(tape, &result, sizeof result);
}

struct tensor *tape_tensor(struct tape *tape, size_t rank, const size_t *shape, bool with_grad)
{
	struct tensor *tensor = tape_result(tape, rank, shape, with_grad);

	if (tensor && tensor->grad)
		tensor_zero_unset(tensor);
	return tensor;
}

void tape_record(struct tape *tape, struct tensor *result, void (*backward)(struct tape *, void *), void *saved)
{
	const struct tape_node node = { tape->last, result, backward, saved };

	if (tape->recording && result && result->grad)
		tape->last = tape_save(tape, &node, sizeof node);
}

struct pass {
	const struct tensor *y, *x;
	bool add;
};

SIMD static void add_floats(size_t size, const float *from, float *to)
{
	for (size_t i = 0; i < size; i++)
		to[i] += from[i];
}

static void pass_piece(void *context, size_t piece, size_t thread)
{
	const struct pass *pass = context;
	struct range range = pieces_range(tensor_size(pass->y), PIECE_FLOATS, piece);
	const float *from = pass->y->grad + range.first;
	float *to = pass->x->grad + range.first;

	(void)thread;
	if (pass->add)
		add_floats(range.end - range.first, from, to);
	else
		memcpy(to, from, (range.end - range.first) * sizeof *to);
}

void tape_add_grad(struct tape *tape, const struct tensor *y, struct tensor *x)
{
	struct pass pass = { y, x, tensor_begin_grad(x) };

	pool_run(tape->pool, pieces_count(tensor_size(y), PIECE_FLOATS), pass_piece, &pass);
}

void tape_pass_grad(struct tape *tape, struct tensor *y, struct tensor *x)
{
	if (!x->unset || !x->result) {
		tape_add_grad(tape, y, x);
		return;
	}
	x->unset = false;
	x->grad = y->grad;
}

/* A result to which nobody added has no part in the loss: what it was made from gets nothing through it. */
static void run_backward(struct tape *tape, struct tape_node *node)
{
	if (node->result->unset)
		tensor_zero_unset(node->result);
	else
		node->backward(tape, node->saved);
}

int tape_backward(struct tape *tape, struct tensor *loss)
{
	if (tape->failed || !loss)
		return -1;
	assert(loss->grad && tensor_size(loss) == 1);
	loss->grad[0] = 1;
	loss->unset = false;
	for (struct tape_node *node = tape->last; node && !tape->failed; node = node->previous)
		run_backward(tape, node);
	return tape->failed ? -1 : 0;
}

void tape_reset(struct tape *tape)
{
	arena_reset(tape->arena);
	tape->last = NULL;
	tape->failed = false;
	tape->scratch = NULL;
	tape->scratch_size = 0;
}
