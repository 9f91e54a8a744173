/* Every op's gradient against finite differences. */
#include "tests/unit/nn_case.h"
#include "tests/unit/nn_pool.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Float32 values: differences are good to about 1e-4 of the largest gradient; a wrong formula is off by far more.
 * A step across the kink of a relu is of no use, so there steps are shorter. */
static const double STEP = 1. / 64, RELU_STEP = 1. / 1024, TOLERANCE = 1e-3;
enum { CHECKED = 96 }; /* elements of an input that are checked, evenly spaced */

/* How an op's inputs are passed. */
enum mode { PARAMETERS, STALE, RESULTS, TWICE, MODES };
static const char *const mode_names[] = { "parameters", "parameters with stale gradients", "results of another op", "an input used twice" };

/* y = x, in memory of its own without a gradient yet. */
static void copy_backward(struct tape *tape, void *saved)
{
	struct tensor **pair = saved;

	tape_add_grad(tape, pair[1], pair[0]);
}

static struct tensor *copy(struct tape *tape, struct tensor *x)
{
	struct tensor *y = tape_result(tape, x->rank, x->shape, x->wants_grad);
	struct tensor *pair[] = { x, y };

	memcpy(y->data, x->data, tensor_size(x) * sizeof(float));
	tape_record(tape, y, copy_backward, tape_save(tape, pair, sizeof pair));
	return y;
}

/* The scalar to be differentiated: sum of weight(i) * y[i], in double. */
static float weight(size_t i)
{
	return (float)(i * 2654435761u % 1000u) / 500 - 1;
}

static void objective_backward(struct tape *tape, void *saved)
{
	struct tensor **pair = saved;
	struct tensor *y = pair[0];

	for (size_t i = 0; tape_wants_sum(tape, y) && i < tensor_size(y); i++)
		y->grad[i] += weight(i) * pair[1]->grad[0];
}

static struct tensor *objective(struct tape *tape, struct tensor *y, double *value)
{
	struct tensor *sum = tape_result(tape, 1, (size_t[]){ 1 }, y->wants_grad);
	struct tensor *pair[] = { y, sum };

	for (size_t i = 0; i < tensor_size(y); i++)
		*value += (double)weight(i) * (double)y->data[i];
	tape_record(tape, sum, objective_backward, tape_save(tape, pair, sizeof pair));
	return sum;
}

/* The objective of the case at its inputs; with the tape recording, also its gradient, added to theirs. */
static double run(const struct nn_case *c, struct tensor *inputs, enum mode mode, bool recording)
{
	struct arena arena = { 0 };
	struct tape tape = { .pool = nn_pool, .arena = &arena, .training = true, .recording = recording };
	struct tensor *given[INPUTS] = { 0 }, *losses[2];
	double value = 0;
	size_t uses = mode == TWICE ? 2 : 1;

	for (size_t i = 0; i < nn_case_inputs(c); i++)
		given[i] = mode == PARAMETERS || mode == STALE ? &inputs[i] : copy(&tape, &inputs[i]);
	for (size_t i = 0; i < uses; i++)
		losses[i] = objective(&tape, c->build(&tape, given, c), &value);
	if (recording) {
		const float ones[] = { 1, 1 };
		assert_int_equal(tape_backward(&tape, op_weighted_sum(&tape, uses, losses, ones)), 0);
	}
	assert_false(tape.failed);
	arena_free(&arena);
	return value;
}

/* Fourth order: the error is of the order of step^4 where all is smooth. */
static double slope(const struct nn_case *c, struct tensor *inputs, enum mode mode, float *x, double step)
{
	const float at = *x;
	double value[4];
	const double shift[4] = { -2, -1, 1, 2 };

	for (int i = 0; i < 4; i++) {
		*x = at + (float)(shift[i] * step);
		value[i] = run(c, inputs, mode, false);
	}
	*x = at;
	return (value[0] - 8 * value[1] + 8 * value[2] - value[3]) / (12 * step);
}

static double largest(size_t size, const float *a, const float *b)
{
	double most = 0;

	for (size_t i = 0; i < size; i++)
		most = fmax(most, fabs((double)a[i] - (double)b[i]));
	return most;
}

/* Differences across the kink of a relu are meaningless; they are recognised because they depend on the step, and are few. */
static double check_input(const struct nn_case *c, struct tensor *inputs, enum mode mode, size_t which, const float *before)
{
	struct tensor *input = &inputs[which];
	size_t size = tensor_size(input), checked = 0, kinks = 0;
	double scale = largest(size, input->grad, before) + 1e-2, worst = 0, step = c->relu ? RELU_STEP : STEP;

	for (size_t i = 0; i < size; i += 1 + size / CHECKED, checked++) {
		double got = (double)input->grad[i] - (double)before[i];
		double wanted = slope(c, inputs, mode, &input->data[i], step);
		double error = fabs(got - wanted) / scale;
		if (c->relu && error > TOLERANCE &&
			fabs(wanted - slope(c, inputs, mode, &input->data[i], step / 4)) / scale > TOLERANCE / 4) {
			kinks++;
			continue;
		}
		if (!(error < TOLERANCE))
			fail_msg("%s, %s: input %zu [%zu]: gradient %g, differences %g", c->name, mode_names[mode], which, i, got, wanted);
		worst = fmax(worst, error);
	}
	if (kinks * 10 > checked)
		fail_msg("%s: input %zu: %zu of %zu differences are of no use", c->name, which, kinks, checked);
	return worst;
}

static double check_mode(const struct nn_case *c, enum mode mode)
{
	struct rng rng = rng_for(1, span_string(c->name), (uint64_t)mode, "gradient check");
	struct tensor inputs[INPUTS];
	float *before[INPUTS] = { 0 };
	double worst = 0;
	size_t count = nn_case_inputs(c);

	for (size_t i = 0; i < count; i++) {
		inputs[i] = nn_input_new(&c->inputs[i], &rng);
		before[i] = malloc(tensor_size(&inputs[i]) * sizeof(float));
		if (inputs[i].grad)
			memcpy(before[i], inputs[i].grad, tensor_size(&inputs[i]) * sizeof(float));
	}
	struct tensor kept[INPUTS];
	for (size_t i = 0; i < count && mode == STALE; i++) {
		inputs[i].stale = inputs[i].wants_grad;
		memset(before[i], 0, tensor_size(&inputs[i]) * sizeof(float));
	}
	memcpy(kept, inputs, sizeof kept);
	run(c, inputs, mode, true);
	for (size_t i = 0; i < count; i++)
		assert_ptr_equal(inputs[i].grad, kept[i].grad);
	for (size_t i = 0; i < count; i++)
		if (inputs[i].grad)
			worst = fmax(worst, check_input(c, inputs, mode, i, before[i]));
	for (size_t i = 0; i < count; i++) {
		nn_input_free(&inputs[i]);
		free(before[i]);
	}
	return worst;
}

static const struct nn_case cases[] = {
	{ "conv 3x3", build_conv, { { 4, { 2, 5, 6, 3 } }, { 4, { 4, 3, 3, 3 } } }, { 1, 1 } },
	{ "conv 3x3 stride 2", build_conv, { { 4, { 2, 6, 6, 4 } }, { 4, { 5, 3, 3, 4 } } }, { 2, 1 } },
	{ "conv 3x3 stride 2, odd image", build_conv, { { 4, { 1, 7, 5, 2 } }, { 4, { 3, 3, 3, 2 } } }, { 2, 1 } },
	{ "conv 1x1", build_conv, { { 4, { 2, 3, 4, 5 } }, { 4, { 7, 1, 1, 5 } } }, { 1, 0 } },
	{ "conv 1x1 stride 2", build_conv, { { 4, { 2, 5, 5, 3 } }, { 4, { 4, 1, 1, 3 } } }, { 2, 0 } },
	{ "conv 4x4 stride 4, patches", build_conv, { { 4, { 2, 8, 8, 3 } }, { 4, { 6, 4, 4, 3 } } }, { 4, 0 } },
	{ "conv 5x3 stride 3, much padding", build_conv, { { 4, { 1, 6, 7, 2 } }, { 4, { 3, 5, 3, 2 } } }, { 3, 2 } },
	{ "conv 2x2 no padding", build_conv, { { 4, { 3, 3, 4, 1 } }, { 4, { 1, 2, 2, 1 } } }, { 1, 0 } },
	{ "conv, kernel as large as the image", build_conv, { { 4, { 2, 3, 3, 4 } }, { 4, { 2, 3, 3, 4 } } }, { 1, 0 } },
	{ "conv, one pixel", build_conv, { { 4, { 1, 1, 1, 3 } }, { 4, { 2, 3, 3, 3 } } }, { 1, 1 } },
	{ "conv 33 to 19 channels", build_conv, { { 4, { 1, 5, 5, 33 } }, { 4, { 19, 3, 3, 33 } } }, { 1, 1 } },
	{ "conv of data", build_conv, { { 4, { 2, 5, 5, 3 }, .constant = true }, { 4, { 4, 3, 3, 3 } } }, { 1, 1 } },
	{ "conv, frozen", build_conv, { { 4, { 2, 5, 5, 3 } }, { 4, { 4, 3, 3, 3 }, .constant = true } }, { 2, 1 } },

	{ "batch norm", build_batch_norm, { { 2, { 9, 5 } }, { 1, { 5 } }, { 1, { 5 } } } },
	{ "batch norm relu", build_batch_norm, { { 4, { 2, 3, 3, 4 } }, { 1, { 4 } }, { 1, { 4 } } }, .relu = true },
	{ "batch norm skip", build_batch_norm, { { 2, { 7, 3 } }, { 1, { 3 } }, { 1, { 3 } }, { 2, { 7, 3 } } } },
	{ "batch norm skip relu", build_batch_norm, { { 2, { 20, 17 } }, { 1, { 17 } }, { 1, { 17 } }, { 2, { 20, 17 } } }, .relu = true },
	{ "batch norm skip without gradient", build_batch_norm,
		{ { 2, { 7, 3 } }, { 1, { 3 } }, { 1, { 3 } }, { 2, { 7, 3 }, .constant = true } }, .relu = true },
	{ "batch norm of data", build_batch_norm, { { 2, { 9, 5 }, .constant = true }, { 1, { 5 } }, { 1, { 5 } } } },
	{ "batch norm frozen", build_batch_norm, { { 2, { 9, 5 } }, { 1, { 5 }, .constant = true }, { 1, { 5 }, .constant = true } } },
	{ "batch norm eval", build_batch_norm, { { 2, { 6, 5 } }, { 1, { 5 } }, { 1, { 5 } } }, .eval = true },
	{ "batch norm eval skip relu", build_batch_norm, { { 2, { 6, 5 } }, { 1, { 5 } }, { 1, { 5 } }, { 2, { 6, 5 } } }, .eval = true,
		.relu = true },

	{ "layer norm", build_layer_norm, { { 2, { 5, 7 } }, { 1, { 7 } }, { 1, { 7 } } } },
	{ "layer norm, 33 wide", build_layer_norm, { { 3, { 2, 3, 33 } }, { 1, { 33 } }, { 1, { 33 } } } },
	{ "layer norm, one row", build_layer_norm, { { 1, { 16 } }, { 1, { 16 } }, { 1, { 16 } } } },
	{ "layer norm of data", build_layer_norm, { { 2, { 5, 7 }, .constant = true }, { 1, { 7 } }, { 1, { 7 } } } },
	{ "layer norm, frozen", build_layer_norm, { { 2, { 5, 7 } }, { 1, { 7 }, .constant = true }, { 1, { 7 }, .constant = true } } },

	{ "linear", build_linear, { { 2, { 5, 7 } }, { 2, { 3, 7 } }, { 1, { 3 } } } },
	{ "linear without bias", build_linear, { { 3, { 2, 3, 5 } }, { 2, { 9, 5 } } } },
	{ "linear, one row", build_linear, { { 2, { 1, 6 } }, { 2, { 4, 6 } }, { 1, { 4 } } } },
	{ "linear of data", build_linear, { { 2, { 5, 7 }, .constant = true }, { 2, { 3, 7 } }, { 1, { 3 } } } },
	{ "linear, frozen", build_linear, { { 2, { 5, 7 } }, { 2, { 3, 7 }, .constant = true }, { 1, { 3 }, .constant = true } } },
	{ "project", build_project, { { 2, { 5, 7 } }, { 2, { 7, 3 } } } },
	{ "project, 3 axes", build_project, { { 3, { 2, 4, 6 } }, { 2, { 6, 17 } } } },

	{ "attention", build_attention, { { 3, { 2, 5, 24 } } }, { 2 } },
	{ "attention causal", build_attention, { { 3, { 2, 5, 24 } } }, { 2 }, .causal = true },
	{ "attention, one head", build_attention, { { 3, { 1, 7, 15 } } }, { 1 } },
	{ "attention, one token", build_attention, { { 3, { 3, 1, 12 } } }, { 2 }, .causal = true },
	{ "attention, 19 tokens, heads of 20", build_attention, { { 3, { 1, 19, 120 } } }, { 2 }, .causal = true },

	{ "cross attention", build_cross_attention, { { 3, { 2, 3, 8 } }, { 3, { 2, 5, 8 } }, { 3, { 2, 5, 8 } } }, { 2 } },
	{ "cross attention, more questions than tokens", build_cross_attention,
		{ { 3, { 1, 21, 6 } }, { 3, { 1, 4, 6 } }, { 3, { 1, 4, 6 } } }, { 1 } },
	{ "cross attention, one row each", build_cross_attention, { { 2, { 2, 12 } }, { 3, { 2, 18, 12 } }, { 3, { 2, 18, 12 } } }, { 3 } },
	{ "cross attention, fixed keys", build_cross_attention,
		{ { 3, { 2, 3, 8 } }, { 3, { 2, 5, 8 }, .constant = true }, { 3, { 2, 5, 8 } } }, { 2 } },
	{ "cross attention of data, fixed values", build_cross_attention,
		{ { 3, { 2, 3, 8 }, .constant = true }, { 3, { 2, 5, 8 } }, { 3, { 2, 5, 8 }, .constant = true } }, { 2 } },
	{ "tokens", build_tokens, { { 4, { 3, 2, 3, 5 } }, { 1, { 5 } }, { 2, { 7, 5 } } } },
	{ "tokens, fixed positions", build_tokens, { { 3, { 2, 4, 18 } }, { 1, { 18 } }, { 2, { 5, 18 }, .constant = true } } },
	{ "tokens of data", build_tokens, { { 4, { 3, 2, 3, 5 }, .constant = true }, { 1, { 5 } }, { 2, { 7, 5 } } } },
	{ "mean token", build_mean_token, { { 4, { 2, 3, 3, 6 } }, { 2, { 10, 6 } } } },

	{ "relu", build_relu, { { 2, { 6, 7 } } }, .relu = true },
	{ "gelu", build_gelu, { { 2, { 9, 11 }, .low = -4, .high = 4 } } },
	{ "quick gelu", build_quick_gelu, { { 2, { 9, 11 }, .low = -4, .high = 4 } } },
	{ "add", build_add, { { 3, { 2, 3, 4 } }, { 3, { 2, 3, 4 } } } },
	{ "add data", build_add, { { 3, { 2, 3, 4 } }, { 3, { 2, 3, 4 }, .constant = true } } },
	{ "add to itself", build_add_to_itself, { { 3, { 2, 3, 4 } } } },
	{ "average pool", build_avg_pool, { { 4, { 2, 4, 6, 3 } } }, { 2 } },
	{ "average pool of 3, odd edges", build_avg_pool, { { 4, { 2, 7, 5, 3 } } }, { 3 } },
	{ "global average pool", build_global_pool, { { 4, { 3, 3, 5, 4 } } } },
	{ "embedding", build_embedding, { { 2, { 11, 6 } }, { 2, { 5, 6 } } }, { 4, 3 } },
	{ "embedding, 40 wide", build_embedding, { { 2, { 3, 40 } }, { 2, { 3, 40 } } }, { 1, 3 } },
	{ "embedding, frozen table", build_embedding, { { 2, { 11, 6 }, .constant = true }, { 2, { 5, 6 } } }, { 4, 3 } },
	{ "embedding, frozen positions", build_embedding, { { 2, { 11, 6 } }, { 2, { 5, 6 }, .constant = true } }, { 4, 3 } },
	{ "gather rows", build_gather, { { 3, { 3, 4, 5 } } }, { 7 } },
	{ "slice", build_slice, { { 3, { 4, 2, 3 } } }, { 1, 2 } },
	{ "two slices", build_slices, { { 2, { 5, 3 } } }, { 4 } },
	{ "l2 normalise", build_l2_normalise, { { 2, { 5, 7 } } } },
	{ "cross entropy", build_cross_entropy, { { 2, { 6, 9 }, .low = -3, .high = 3 } } },
	{ "cross entropy, one row, 40 classes", build_cross_entropy, { { 2, { 1, 40 } } } },
	{ "info nce", build_info_nce, { { 2, { 5, 4 } }, { 2, { 5, 4 } }, { 1, { 1 }, .low = .5, .high = 1 } } },
	{ "info nce, all columns", build_info_nce, { { 2, { 3, 4 } }, { 2, { 9, 4 } }, { 1, { 1 } } }, { 4 } },
	{ "info nce, one row", build_info_nce, { { 2, { 1, 4 } }, { 2, { 1, 4 } }, { 1, { 1 } } } },
	{ "info nce, fixed scale and columns", build_info_nce,
		{ { 2, { 3, 4 } }, { 2, { 4, 4 }, .constant = true }, { 1, { 1 }, .constant = true } }, { 1 } },
	{ "info nce, groups", build_info_nce_groups, { { 2, { 5, 4 } }, { 2, { 5, 4 } }, { 1, { 1 }, .low = .5, .high = 1 } } },
	{ "info nce, groups, all columns", build_info_nce_groups, { { 2, { 3, 4 } }, { 2, { 9, 4 } }, { 1, { 1 } } }, { 4 } },
	{ "cosine target", build_cosine_target, { { 2, { 5, 4 } }, { 2, { 5, 4 } } } },
	{ "cosine target 1, one pair, one side fixed", build_cosine_target, { { 2, { 1, 7 } }, { 2, { 1, 7 }, .constant = true } },
		{ 20 } },
	{ "standardise", build_standardise, { { 4, { 2, 3, 4, 3 } } } },
	{ "squared distance", build_squared_distance, { { 2, { 5, 4 } }, { 2, { 5, 4 } } } },
	{ "squared distance, one pair, one side fixed", build_squared_distance, { { 2, { 1, 7 } }, { 2, { 1, 7 }, .constant = true } } },
	{ "weighted sum", build_weighted_sum, { { 1, { 1 } }, { 1, { 1 } } } },
};

static void test_case(void **state)
{
	const struct nn_case *c = *state;
	double worst = 0;

	for (enum mode mode = 0; mode < MODES; mode++)
		worst = fmax(worst, check_mode(c, mode));
	print_message("# %-40s worst error %.1e\n", c->name, worst);
}

int main(void)
{
	enum { CASES = sizeof cases / sizeof *cases };
	struct CMUnitTest tests[CASES];

	for (size_t i = 0; i < CASES; i++)
		tests[i] =
			(struct CMUnitTest){ .name = cases[i].name, .test_func = test_case, .initial_state = (void *)(uintptr_t)&cases[i] };
	return cmocka_run_group_tests(tests, nn_pool_start, nn_pool_stop);
}
