/* How far pairs of rows are apart:
 *     mean over i of |a[i] - b[i]|^2     a, b [n,d] -> [1],  n >= 1
 * Backward:  d a[i] = 2 / n * (a[i] - b[i]),  d b[i] = -d a[i]. */
#include "nn/ops.h"

#include <assert.h>

struct squared_distance {
	struct tensor *a, *b, *loss;
	size_t n, d;
};

static void squared_distance_add(const struct squared_distance *s, const struct tensor *from, struct tensor *to)
{
	const float share = 2 / (float)s->n * s->loss->grad[0];

	for (size_t i = 0; i < s->n * s->d; i++)
		to->grad[i] += share * (to->data[i] - from->data[i]);
}

static void squared_distance_backward(struct tape *tape, void *saved)
{
	const struct squared_distance *s = saved;

	if (tape_wants_sum(tape, s->a))
		squared_distance_add(s, s->b, s->a);
	if (tape_wants_sum(tape, s->b))
		squared_distance_add(s, s->a, s->b);
}

struct tensor *op_squared_distance(struct tape *tape, struct tensor *a, struct tensor *b)
{
	struct squared_distance s = { .a = a, .b = b }, *saved;
	double sum = 0;

	if (!a || !b)
		return tape_fail(tape);
	s.n = tensor_rows(a);
	s.d = tensor_columns(a);
	assert(s.n && tensor_rows(b) == s.n && tensor_columns(b) == s.d);
	s.loss = tape_result(tape, 1, (size_t[]){ 1 }, a->wants_grad || b->wants_grad);
	if (!s.loss || !(saved = tape_save(tape, &s, sizeof s)))
		return tape_fail(tape);
	for (size_t i = 0; i < s.n * s.d; i++) {
		const double apart = (double)a->data[i] - (double)b->data[i];
		sum += apart * apart;
	}
	s.loss->data[0] = (float)(sum / (double)s.n);
	tape_record(tape, s.loss, squared_distance_backward, saved);
	return s.loss;
}
