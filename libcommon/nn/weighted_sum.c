/* sum over i of weight[i] * loss[i] */
#include "nn/ops.h"

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
