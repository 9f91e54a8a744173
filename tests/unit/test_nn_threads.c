/* Every op gives the same bits with any number of threads, on shapes with many pieces. */
#include "tests/unit/nn_case.h"

#include "nn/gemm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const size_t thread_counts[] = { 1, 2, 3, 5 };
enum { COUNTS = sizeof thread_counts / sizeof *thread_counts };

static struct pool *pools[COUNTS];

static void loss_backward(struct tape *tape, void *saved)
{
	struct tensor **pair = saved;

	assert_true(tape_wants_sum(tape, pair[0]));
	for (size_t i = 0; i < tensor_size(pair[0]); i++)
		pair[0]->grad[i] += (float)(i % 17) / 16 - .5f;
}

static struct tensor *some_loss(struct tape *tape, struct tensor *y)
{
	struct tensor *loss = tape_tensor(tape, 1, (size_t[]){ 1 }, true);
	struct tensor *pair[] = { y, loss };

	loss->data[0] = 0;
	tape_record(tape, loss, loss_backward, tape_save(tape, pair, sizeof pair));
	return loss;
}

/* Result and gradients of a case, as bytes. */
static struct buf outcome(const struct nn_case *c, struct pool *pool)
{
	struct rng rng = rng_for(1, span_string(c->name), 0, "threads");
	struct arena arena = { 0 };
	struct tape tape = { .pool = pool, .arena = &arena, .training = true, .recording = true };
	struct tensor inputs[INPUTS], *given[INPUTS] = { 0 };
	struct buf bytes = { 0 };
	size_t count = nn_case_inputs(c);

	for (size_t i = 0; i < count; i++) {
		inputs[i] = nn_input_new(&c->inputs[i], &rng);
		given[i] = &inputs[i];
	}
	struct tensor *y = c->build(&tape, given, c);
	assert_non_null(y);
	buf_append(&bytes, y->data, tensor_size(y) * sizeof(float));
	assert_int_equal(tape_backward(&tape, some_loss(&tape, y)), 0);
	for (size_t i = 0; i < count; i++) {
		if (inputs[i].grad)
			buf_append(&bytes, inputs[i].grad, tensor_size(&inputs[i]) * sizeof(float));
		nn_input_free(&inputs[i]);
	}
	arena_free(&arena);
	return bytes;
}

static void test_case(void **state)
{
	const struct nn_case *c = *state;
	struct buf wanted = outcome(c, pools[0]);

	for (size_t i = 1; i < COUNTS; i++) {
		struct buf got = outcome(c, pools[i]);
		if (!span_equal(buf_span(&wanted), buf_span(&got)))
			fail_msg("%s: other bits at %zu threads", c->name, thread_counts[i]);
		buf_free(&got);
	}
	buf_free(&wanted);
}

static const struct nn_case cases[] = {
	{ "conv 3x3", build_conv, { { 4, { 9, 17, 15, 20 } }, { 4, { 52, 3, 3, 20 } } }, { 1, 1 } },
	{ "conv 3x3 stride 2", build_conv, { { 4, { 37, 12, 12, 16 } }, { 4, { 33, 3, 3, 16 } } }, { 2, 1 } },
	{ "conv 1x1", build_conv, { { 4, { 33, 8, 8, 32 } }, { 4, { 48, 1, 1, 32 } } }, { 1, 0 } },
	{ "conv 1x1, many channels", build_conv, { { 4, { 5, 8, 8, 320 } }, { 4, { 96, 1, 1, 320 } } }, { 1, 0 } },
	{ "conv 3x3, many channels", build_conv, { { 4, { 5, 7, 7, 256 } }, { 4, { 130, 3, 3, 256 } } }, { 1, 1 } },
	{ "conv 8x8 stride 8", build_conv, { { 4, { 5, 32, 32, 3 } }, { 4, { 100, 8, 8, 3 } } }, { 8, 0 } },
	{ "batch norm", build_batch_norm, { { 2, { 5000, 33 } }, { 1, { 33 } }, { 1, { 33 } }, { 2, { 5000, 33 } } }, .relu = true },
	{ "layer norm", build_layer_norm, { { 2, { 3000, 65 } }, { 1, { 65 } }, { 1, { 65 } } } },
	{ "linear", build_linear, { { 2, { 1501, 130 } }, { 2, { 131, 130 } }, { 1, { 131 } } } },
	{ "project", build_project, { { 2, { 1501, 130 } }, { 2, { 130, 131 } } } },
	{ "attention", build_attention, { { 3, { 40, 13, 96 } } }, { 4 }, .causal = true },
	{ "relu", build_relu, { { 1, { 100001 } } } },
	{ "gelu", build_gelu, { { 1, { 100001 } } } },
	{ "quick gelu", build_quick_gelu, { { 1, { 100001 } } } },
	{ "add", build_add, { { 1, { 100001 } }, { 1, { 100001 } } } },
	{ "average pool", build_avg_pool, { { 4, { 20, 16, 17, 33 } } }, { 2 } },
	{ "global average pool", build_global_pool, { { 4, { 40, 7, 7, 65 } } } },
	{ "embedding", build_embedding, { { 2, { 50, 130 } }, { 2, { 20, 130 } } }, { 70, 20 } },
	{ "gather rows", build_gather, { { 2, { 500, 130 } } }, { 700 } },
	{ "l2 normalise", build_l2_normalise, { { 2, { 700, 130 } } } },
	{ "cross entropy", build_cross_entropy, { { 2, { 700, 101 } } } },
	{ "info nce", build_info_nce, { { 2, { 300, 64 } }, { 2, { 700, 64 } }, { 1, { 1 } } }, { 200 } },
};

static int start(void **state)
{
	struct err err;

	(void)state;
	gemm_init();
	for (size_t i = 0; i < COUNTS; i++) {
		pools[i] = pool_new(thread_counts[i], &err);
		if (!pools[i])
			return -1;
	}
	return 0;
}

static int stop(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNTS; i++)
		pool_free(pools[i]);
	return 0;
}

int main(void)
{
	enum { CASES = sizeof cases / sizeof *cases };
	struct CMUnitTest tests[CASES];

	for (size_t i = 0; i < CASES; i++)
		tests[i] =
			(struct CMUnitTest){ .name = cases[i].name, .test_func = test_case, .initial_state = (void *)(uintptr_t)&cases[i] };
	return cmocka_run_group_tests(tests, start, stop);
}
