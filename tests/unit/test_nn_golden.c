/* Every op against PyTorch: values and gradients of tests/golden/nn_ops.txt (nn_ops.py writes it). */
#include "tests/unit/nn_case.h"
#include "tests/unit/nn_pool.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char GOLDEN[] = "tests/golden/nn_ops.txt";
static const double TOLERANCE = 2e-6; /* of the largest value; ours is float32 throughout, theirs float64 */

static void read_tensor(FILE *file, struct tensor *t)
{
	*t = (struct tensor){ .shape = { 1, 1, 1, 1 } };
	assert_int_equal(fscanf(file, " tensor %zu", &t->rank), 1);
	assert_in_range(t->rank, 1, TENSOR_RANK);
	for (size_t i = 0; i < t->rank; i++)
		assert_int_equal(fscanf(file, "%zu", &t->shape[i]), 1);
	t->data = malloc(tensor_size(t) * sizeof(float));
	for (size_t i = 0; i < tensor_size(t); i++)
		assert_int_equal(fscanf(file, "%f", &t->data[i]), 1);
}

static FILE *open_at(const char *name)
{
	FILE *file = fopen(GOLDEN, "r");
	char line[1 << 16], wanted[64];

	if (!file)
		fail_msg("%s: cannot be read", GOLDEN);
	snprintf(wanted, sizeof wanted, "case %s\n", name);
	while (fgets(line, sizeof line, file))
		if (strcmp(line, wanted) == 0)
			return file;
	fail_msg("%s: no case %s", GOLDEN, name);
	return NULL;
}

static void compare(const char *name, const char *what, size_t size, const float *got, const float *wanted)
{
	double most = 1e-3, worst = 0;

	for (size_t i = 0; i < size; i++) {
		most = fmax(most, fabs((double)wanted[i]));
		worst = fmax(worst, fabs((double)got[i] - (double)wanted[i]));
	}
	if (!(worst <= TOLERANCE * most))
		fail_msg("%s: %s: off by %g, the largest is %g", name, what, worst, most);
}

static void given_backward(struct tape *tape, void *saved)
{
	struct tensor **pair = saved;

	assert_true(tape_wants_sum(tape, pair[0]));
	memcpy(pair[0]->grad, pair[1]->data, tensor_size(pair[0]) * sizeof(float));
}

static void backward_from(struct tape *tape, struct tensor *y, struct tensor *dy)
{
	struct tensor *loss = tape_tensor(tape, 1, (size_t[]){ 1 }, true);
	struct tensor *pair[] = { y, dy };

	tape_record(tape, loss, given_backward, tape_save(tape, pair, sizeof pair));
	assert_int_equal(tape_backward(tape, loss), 0);
}

static void test_case(void **state)
{
	const struct nn_case *c = *state;
	struct arena arena = { 0 };
	struct tape tape = { .pool = nn_pool, .arena = &arena, .training = true, .recording = true };
	struct tensor inputs[INPUTS], *given[INPUTS] = { 0 }, y, dy, gradient;
	size_t count = nn_case_inputs(c);
	FILE *file = open_at(c->name);

	for (size_t i = 0; i < count; i++) {
		read_tensor(file, &inputs[i]);
		inputs[i].wants_grad = true;
		inputs[i].grad = calloc(tensor_size(&inputs[i]), sizeof(float));
		given[i] = &inputs[i];
	}
	read_tensor(file, &y);
	read_tensor(file, &dy);
	struct tensor *got = c->build(&tape, given, c);
	assert_non_null(got);
	assert_int_equal(got->rank, y.rank);
	assert_memory_equal(got->shape, y.shape, sizeof y.shape);
	compare(c->name, "result", tensor_size(&y), got->data, y.data);
	backward_from(&tape, got, &dy);
	for (size_t i = 0; i < count; i++) {
		read_tensor(file, &gradient);
		compare(c->name, "gradient", tensor_size(&gradient), inputs[i].grad, gradient.data);
		nn_input_free(&gradient);
		nn_input_free(&inputs[i]);
	}
	fclose(file);
	nn_input_free(&y);
	nn_input_free(&dy);
	arena_free(&arena);
}

static void test_running_statistics(void **state)
{
	struct arena arena = { 0 };
	struct tape tape = { .pool = nn_pool, .arena = &arena, .training = true };
	struct batch_norm norm;
	struct tensor x, mean, var;
	FILE *file = open_at("running statistics");

	(void)state;
	read_tensor(file, &x);
	read_tensor(file, &norm.running_mean);
	read_tensor(file, &norm.running_var);
	read_tensor(file, &mean);
	read_tensor(file, &var);
	fclose(file);
	norm.gain = norm.bias = mean;
	assert_non_null(op_batch_norm(&tape, &x, &norm, NULL, false));
	compare("running statistics", "mean", 5, norm.running_mean.data, mean.data);
	compare("running statistics", "variance", 5, norm.running_var.data, var.data);
	tape.training = false;
	assert_non_null(op_batch_norm(&tape, &x, &norm, NULL, false));
	compare("running statistics", "mean, not training", 5, norm.running_mean.data, mean.data);
	struct tensor *all[] = { &x, &norm.running_mean, &norm.running_var, &mean, &var };
	for (size_t i = 0; i < 5; i++)
		free(all[i]->data);
	arena_free(&arena);
}

/* Only the number of inputs is taken from here; the file has the shapes. */
#define ONE   { { 1 } }
#define TWO   { { 1 }, { 1 } }
#define THREE { { 1 }, { 1 }, { 1 } }
#define FOUR  { { 1 }, { 1 }, { 1 }, { 1 } }

static const struct nn_case cases[] = {
	{ "conv", build_conv, TWO, { 1, 1 } },
	{ "conv stride 2", build_conv, TWO, { 2, 1 } },
	{ "conv 1x1", build_conv, TWO, { 1, 0 } },
	{ "conv patches", build_conv, TWO, { 2, 0 } },
	{ "batch norm", build_batch_norm, FOUR, .relu = true },
	{ "batch norm eval", build_batch_norm, FOUR, .eval = true },
	{ "layer norm", build_layer_norm, THREE },
	{ "linear", build_linear, THREE },
	{ "project", build_project, TWO },
	{ "attention", build_attention, ONE, { 2 } },
	{ "attention causal", build_attention, ONE, { 2 }, .causal = true },
	{ "cross attention", build_cross_attention, THREE, { 2 } },
	{ "tokens", build_tokens, THREE },
	{ "mean token", build_mean_token, TWO },
	{ "relu", build_relu, ONE },
	{ "gelu", build_gelu, ONE },
	{ "quick gelu", build_quick_gelu, ONE },
	{ "average pool", build_avg_pool, ONE, { 2 } },
	{ "global average pool", build_global_pool, ONE },
	{ "embedding", build_embedding, TWO, { 3, 4 } },
	{ "l2 normalise", build_l2_normalise, ONE },
	{ "cross entropy", build_cross_entropy, ONE },
	{ "info nce", build_info_nce, THREE, { 2 } },
};

int main(void)
{
	enum { CASES = sizeof cases / sizeof *cases };
	struct CMUnitTest tests[CASES + 1];

	for (size_t i = 0; i < CASES; i++)
		tests[i] =
			(struct CMUnitTest){ .name = cases[i].name, .test_func = test_case, .initial_state = (void *)(uintptr_t)&cases[i] };
	tests[CASES] = (struct CMUnitTest)cmocka_unit_test(test_running_statistics);
	return cmocka_run_group_tests(tests, nn_pool_start, nn_pool_stop);
}
