#include "nn/tape.h"

#include "core/parallel.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

enum { LINE = 16 }; /* floats in a cache line */

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

/* Allocates the largest size that was ever requested, so that after the first step one allocation serves the whole step. */
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

struct tensor *tape_result(struct tape *tape, size_t rank, const size_t *shape, bool wants_grad)
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
	result.wants_grad = wants_grad && tape->recording;
	return tape->failed ? NULL : tape_save(tape, &result, sizeof result);
}

struct tensor *tape_tensor(struct tape *tape, size_t rank, const size_t *shape, bool wants_grad)
{
	struct tensor *tensor = tape_result(tape, rank, shape, wants_grad);

	if (tensor && tensor->wants_grad && !tape_wants_sum(tape, tensor))
		return NULL;
	return tensor;
}

/* A free list; each entry is stored in the free memory itself. */
struct tape_block {
	struct tape_block *next;
	size_t floats;
};

static size_t block_floats(size_t floats)
{
	size_t least = sizeof(struct tape_block) / sizeof(float);

	return floats < least ? least : floats;
}

/* Takes the block freed last that fits, which is the likeliest to be in cache, unless it is more than twice too large. */
static float *take_block(struct tape *tape, size_t floats)
{
	for (struct tape_block **at = &tape->blocks; *at; at = &(*at)->next) {
		struct tape_block *block = *at;
		if (block->floats < floats || block->floats / 2 > floats)
			continue;
		*at = block->next;
		return (float *)block;
	}
	return tape_floats(tape, block_floats(floats));
}

static void free_block(struct tape *tape, float *data, size_t floats)
{
	struct tape_block *block = (struct tape_block *)(void *)data;

	*block = (struct tape_block){ tape->blocks, block_floats(floats) };
	tape->blocks = block;
}

bool tape_wants_grad(struct tape *tape, struct tensor *x, bool *add)
{
	if (!x || !x->wants_grad || tape->failed)
		return false;
	*add = tensor_has_grad(x);
	if (!x->grad && !(x->grad = take_block(tape, tensor_size(x))))
		return false;
	x->stale = false;
	return true;
}

bool tape_wants_sum(struct tape *tape, struct tensor *x)
{
	bool add;

	if (!tape_wants_grad(tape, x, &add))
		return false;
	if (!add)
		memset(x->grad, 0, tensor_size(x) * sizeof *x->grad);
	return true;
}

void tape_record(struct tape *tape, struct tensor *result, void (*backward)(struct tape *, void *), void *saved)
{
	const struct tape_node node = { tape->last, result, backward, saved };

	if (tape->recording && result && result->wants_grad)
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
	struct pass pass = { .y = y, .x = x };

	if (tape_wants_grad(tape, x, &pass.add))
		pool_run(tape->pool, pieces_count(tensor_size(y), PIECE_FLOATS), pass_piece, &pass);
}

void tape_pass_grad(struct tape *tape, struct tensor *y, struct tensor *x)
{
	if (!x->wants_grad || x->grad || !x->result || !y->result) {
		tape_add_grad(tape, y, x);
		return;
	}
	x->grad = y->grad;
	y->grad = NULL;
}

/* A result without a gradient has no influence on the loss, so its backward is skipped. */
static void run_backward(struct tape *tape, struct tape_node *node)
{
	struct tensor *result = node->result;

	if (!tensor_has_grad(result))
		return;
	node->backward(tape, node->saved);
	if (!result->result || !result->grad)
		return;
	free_block(tape, result->grad, tensor_size(result));
	result->grad = NULL;
}

int tape_backward_begin(struct tape *tape, struct tensor *loss)
{
	if (tape->failed || !loss)
		return -1;
	assert(tensor_size(loss) == 1);
	if (!tape_wants_sum(tape, loss))
		return -1;
	loss->grad[0] = 1;
	return 0;
}

bool tape_backward_step(struct tape *tape)
{
	struct tape_node *node = tape->last;

	if (!node || tape->failed)
		return false;
	tape->last = node->previous;
	run_backward(tape, node);
	return true;
}

int tape_backward(struct tape *tape, struct tensor *loss)
{
	if (tape_backward_begin(tape, loss))
		return -1;
	while (tape_backward_step(tape))
		;
	return tape->failed ? -1 : 0;
}

struct tape_mark tape_mark(const struct tape *tape)
{
	return (struct tape_mark){ arena_mark(tape->arena), tape->last, tape->blocks, tape->scratch, tape->scratch_size };
}

static void restore_mark(struct tape *tape, const struct tape_mark *mark)
{
	tape->last = mark->last;
	tape->blocks = mark->blocks;
	tape->scratch = mark->scratch;
	tape->scratch_size = mark->scratch_size;
}

void tape_rewind(struct tape *tape, const struct tape_mark *mark)
{
	restore_mark(tape, mark);
	arena_rewind(tape->arena, &mark->arena, NULL, 0);
}

struct tensor *tape_rewind_to(struct tape *tape, const struct tape_mark *mark, const struct tensor *y)
{
	struct tensor moved = *y;

	restore_mark(tape, mark);
	moved.data = arena_rewind(tape->arena, &mark->arena, pool_is_idle(tape->pool) ? NULL : y->data, tensor_size(y) * sizeof *y->data);
	if (!moved.data)
		return tape_fail(tape);
	moved.grad = NULL;
	return tape_save(tape, &moved, sizeof moved);
}

bool tape_lend_grad(struct tape *tape, struct tensor *x, struct tensor *input)
{
	bool add;

	*input = *x;
	input->result = false;
	if (!x->wants_grad)
		return !tape->failed;
	if (!tape_wants_grad(tape, x, &add))
		return false;
	input->grad = x->grad;
	input->stale = x->stale = !add;
	return true;
}

void tape_take_grad(struct tensor *x, const struct tensor *input)
{
	x->stale = x->wants_grad && input->stale;
}

void tape_reset(struct tape *tape)
{
	arena_reset(tape->arena);
	tape->last = NULL;
	tape->failed = false;
	tape->blocks = NULL;
	tape->scratch = NULL;
	tape->scratch_size = 0;
}

size_t tensor_size(const struct tensor *tensor)
{
	size_t size = 1;

	for (size_t i = 0; i < tensor->rank; i++)
		size *= tensor->shape[i];
	return size;
}

size_t tensor_columns(const struct tensor *tensor)
{
	return tensor->rank ? tensor->shape[tensor->rank - 1] : 1;
}

size_t tensor_rows(const struct tensor *tensor)
{
	size_t rows = 1;

	for (size_t i = 0; i + 1 < tensor->rank; i++)
		rows *= tensor->shape[i];
	return rows;
}

bool tensor_has_grad(const struct tensor *tensor)
{
	return tensor->grad && !tensor->stale;
}

void tensor_clear_stale(struct tensor *tensor)
{
	assert(!tensor->result);
	if (tensor->stale)
		memset(tensor->grad, 0, tensor_size(tensor) * sizeof *tensor->grad);
	tensor->stale = false;
}
