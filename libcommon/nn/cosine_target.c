/* How far the cosines of pairs are from one number:
 *     mean over i of (a[i] . b[i] - target)^2     a, b [n,d], rows L2-normalised -> [1],  n >= 1
 * Backward, with c = a[i] . b[i]:  d a[i] = 2 (c - target) / n * b[i],  and the same for b. */
#include "nn/ops.h"

#include <assert.h>

struct cosine_target {
	struct tensor *a, *b, *loss;
	float *apart; /* [n]: c - target */
	size_t n, d;
};

static void cosine_target_add_rows(const struct cosine_target *c, const struct tensor *from, float *grad)
{
	for (size_t i = 0; i < c->n; i++) {
		const float share = 2 * c->apart[i] / (float)c->n * c->loss->grad[0];
		for (size_t k = 0; k < c->d; k++)
			grad[i * c->d + k] += share * from->data[i * c->d + k];
	}
}

static void cosine_target_backward(struct tape *tape, void *saved)
{
	struct cosine_target *c = saved;

	if (tape_wants_sum(tape, c->a))
		cosine_target_add_rows(c, c->b, c->a->grad);
	if (tape_wants_sum(tape, c->b))
		cosine_target_add_rows(c, c->a, c->b->grad);
}

static void cosine_target_forward(const struct cosine_target *c, float target)
{
	double squares = 0;

	for (size_t i = 0; i < c->n; i++) {
		double cosine = 0;
		for (size_t k = 0; k < c->d; k++)
			cosine += (double)c->a->data[i * c->d + k] * (double)c->b->data[i * c->d + k];
		c->apart[i] = (float)(cosine - (double)target);
		squares += (double)c->apart[i] * (double)c->apart[i];
	}
	c->loss->data[0] = (float)(squares / (double)c->n);
}

struct tensor *op_cosine_target(struct tape *tape, struct tensor *a, struct tensor *b, float target)
{
	struct cosine_target c = { .a = a, .b = b }, *saved;

	if (!a || !b)
		return tape_fail(tape);
	c.n = tensor_rows(a);
	c.d = tensor_columns(a);
	assert(c.n && tensor_rows(b) == c.n && tensor_columns(b) == c.d);
	c.apart = tape_floats(tape, c.n);
	c.loss = tape_result(tape, 1, (size_t[]){ 1 }, a->wants_grad || b->wants_grad);
	if (!c.apart || !c.loss || !(saved = tape_save(tape, &c, sizeof c)))
		return tape_fail(tape);
	cosine_target_forward(saved, target);
	tape_record(tape, c.loss, cosine_target_backward, saved);
	return c.loss;
}
