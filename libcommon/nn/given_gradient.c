/* A loss of which only the gradient is known: what was computed elsewhere goes on backwards from here. */
#include "nn/ops.h"

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
