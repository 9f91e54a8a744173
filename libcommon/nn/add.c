/* y = a + b, of equal shapes.  da += dy, db += dy. */
#include "nn/ops.h"
#include "core/parallel.h"

#include <assert.h>

struct add {
	struct tensor *a, *b, *y;
};

SIMD static void add_sum(size_t size, const float *a, const float *b, float *y)
{
	for (size_t i = 0; i < size; i++)
		y[i] = a[i] + b[i];
}

static void add_forward_piece(void *context, size_t piece, size_t thread)
{
	const struct add *add = context;
	struct range range = pieces_range(tensor_size(add->y), PIECE_FLOATS, piece);

	(void)thread;
	add_sum(range.end - range.first, add->a->data + range.first, add->b->data + range.first, add->y->data + range.first);
}

static void add_backward(struct tape *tape, void *saved)
{
	struct add *add = saved;

	tape_add_grad(tape, add->y, add->b);
	tape_pass_grad(tape, add->y, add->a);
}

struct tensor *op_add(struct tape *tape, struct tensor *a, struct tensor *b)
{
	struct add add = { .a = a, .b = b }, *saved;

	if (!a || !b)
		return tape_fail(tape);
	assert(tensor_size(a) == tensor_size(b));
	add.y = tape_result(tape, a->rank, a->shape, a->wants_grad || b->wants_grad);
	if (!add.y || !(saved = tape_save(tape, &add, sizeof add)))
		return NULL;
	pool_run(tape->pool, pieces_count(tensor_size(add.y), PIECE_FLOATS), add_forward_piece, saved);
	tape_record(tape, add.y, add_backward, saved);
	return add.y;
}

/* sum over i of weight[i] * loss[i], each loss [1] */
struct weighted_sum {
	size_t count;
	struct tensor **losses, *sum;
	float *weights;
};

static void weighted_sum_backward(struct tape *tape, void *saved)
{
	struct weighted_sum *w = saved;

	for (size_t i = 0; i < w->count; i++)
		if (tape_wants_sum(tape, w->losses[i]))
			w->losses[i]->grad[0] += w->weights[i] * w->sum->grad[0];
}

struct tensor *op_weighted_sum(struct tape *tape, size_t count, struct tensor *const *losses, const float *weights)
{
	struct weighted_sum w = { .count = count }, *saved;
	bool wants_grad = false;
	double sum = 0;

	for (size_t i = 0; i < count; i++) {
		if (!losses[i])
			return tape_fail(tape);
		wants_grad = wants_grad || losses[i]->wants_grad;
		sum += (double)weights[i] * (double)losses[i]->data[0];
	}
	w.losses = tape_save(tape, losses, count * sizeof(struct tensor *));
	w.weights = tape_save(tape, weights, count * sizeof *weights);
	w.sum = tape_result(tape, 1, (size_t[]){ 1 }, wants_grad);
	if (!w.sum || !w.losses || !w.weights || !(saved = tape_save(tape, &w, sizeof w)))
		return tape_fail(tape);
	w.sum->data[0] = (float)sum;
	tape_record(tape, w.sum, weighted_sum_backward, saved);
	return w.sum;
}
