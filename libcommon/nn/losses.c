/* Losses without a softmax, each a scalar [1]: squared differences of cosines and of vectors, and a given gradient. */
#include "nn/ops.h"

#include <assert.h>

/* Squared difference between the cosines of pairs and a target:
 *     mean over i of (a[i] . b[i] - target)^2     a, b [n,d], rows L2-normalised -> [1],  n >= 1
 * Backward, with c = a[i] . b[i]:  d a[i] = 2 (c - target) / n * b[i],  and the same for b. */

struct cosine_target {
	struct tensor *a, *b, *loss;
	float *difference; /* [n]: c - target */
	size_t n, d;
};

static void cosine_target_add_rows(const struct cosine_target *c, const struct tensor *from, float *grad)
{
	for (size_t i = 0; i < c->n; i++) {
		const float share = 2 * c->difference[i] / (float)c->n * c->loss->grad[0];
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
		c->difference[i] = (float)(cosine - (double)target);
		squares += (double)c->difference[i] * (double)c->difference[i];
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
	c.difference = tape_floats(tape, c.n);
	c.loss = tape_result(tape, 1, (size_t[]){ 1 }, a->wants_grad || b->wants_grad);
	if (!c.difference || !c.loss || !(saved = tape_save(tape, &c, sizeof c)))
		return tape_fail(tape);
	cosine_target_forward(saved, target);
	tape_record(tape, c.loss, cosine_target_backward, saved);
	return c.loss;
}

/* Squared distance of pairs of rows:
 *     mean over i of |a[i] - b[i]|^2     a, b [n,d] -> [1],  n >= 1
 * Backward:  d a[i] = 2 / n * (a[i] - b[i]),  d b[i] = -d a[i]. */

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
		const double difference = (double)a->data[i] - (double)b->data[i];
		sum += difference * difference;
	}
	s.loss->data[0] = (float)(sum / (double)s.n);
	tape_record(tape, s.loss, squared_distance_backward, saved);
	return s.loss;
}

/* A loss whose gradient is given and whose value is not: both were computed elsewhere (micro-batches).  Its value here is 0. */

struct given_gradient {
	size_t count;
	struct tensor **results, *loss;
	const float **gradients;
};

static void given_gradient_backward(struct tape *tape, void *saved)
{
	struct given_gradient *g = saved;

	for (size_t i = 0; i < g->count; i++) {
		struct tensor *x = g->results[i];
		size_t size = tensor_size(x);
		if (!tape_wants_sum(tape, x))
			continue;
		for (size_t k = 0; k < size; k++)
			x->grad[k] += g->gradients[i][k] * g->loss->grad[0];
	}
}

struct tensor *op_given_gradient(struct tape *tape, size_t count, struct tensor *const *results, const float *const *gradients)
{
	struct given_gradient g = { .count = count }, *saved;
	bool wants_grad = false;

	for (size_t i = 0; i < count; i++) {
		if (!results[i])
			return tape_fail(tape);
		wants_grad = wants_grad || results[i]->wants_grad;
	}
	g.results = tape_save(tape, results, count * sizeof(struct tensor *));
	g.gradients = tape_save(tape, gradients, count * sizeof(float *));
	g.loss = tape_result(tape, 1, (size_t[]){ 1 }, wants_grad);
	if (!g.loss || !g.results || !g.gradients || !(saved = tape_save(tape, &g, sizeof g)))
		return tape_fail(tape);
	g.loss->data[0] = 0;
	tape_record(tape, g.loss, given_gradient_backward, saved);
	return g.loss;
}
