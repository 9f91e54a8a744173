/* What ops are built from: exponentials, softmax, sums, matrix products, the tape's rules. */
#include "tests/unit/nn_case.h"

#include "nn/softmax.h"
#include "nn/gemm.h"
#include "core/parallel.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_exp(void **state)
{
	(void)state;
	for (float x = -87; x < 88; x += .00037f) {
		double wanted = exp((double)x);
		assert_true(fabs((double)exp_float(x) - wanted) <= 2e-7 * wanted);
		wanted = 1 / (1 + exp(-(double)x));
		assert_true(fabs((double)logistic(x) - wanted) <= 2e-7);
	}
	assert_true(exp_float(0) == 1);
	assert_true(exp_float(-1e30f) < 2e-38f && exp_float(-1e30f) > 0);
	assert_true(exp_float(1e30f) > 1e38f && isfinite(exp_float(1e30f)));
	assert_true(isnan(exp_float(NAN)) && isnan(logistic(NAN)));
	assert_true(logistic(-INFINITY) < 1e-30f && logistic(INFINITY) == 1);
}

static void test_softmax(void **state)
{
	(void)state;
	for (size_t size = 1; size < 50; size++) {
		float x[50], y[50];
		double sum = 0, log_sum;
		for (size_t i = 0; i < size; i++)
			sum += exp((double)(x[i] = (float)(i * 7 % 11) - 500));
		y[size] = 42;
		softmax_row(size, x, y, &log_sum);
		assert_true(y[size] == 42);
		assert_true(fabs(log_sum - log(sum)) < 1e-5);
		for (size_t i = 0; i < size; i++)
			assert_true(fabs((double)y[i] - exp((double)x[i]) / sum) < 1e-6);
	}
}

static void test_partials(void **state)
{
	const float partial[] = { 1, 2, 99, 10, 20, 99, 100, 200, 99 };
	float sum[] = { 1000, 2000 };

	(void)state;
	partials_sum(3, 2, partial, 3, true, sum);
	assert_true(sum[0] == 1111 && sum[1] == 2222);
	partials_sum(3, 2, partial, 3, false, sum);
	assert_true(sum[0] == 111 && sum[1] == 222);
	for (size_t rows = 1; rows < 100000; rows = rows * 3 + 1) {
		assert_in_range(partials_count(rows, 64), 1, PARTIALS);
		assert_true(partials_count(rows, 64) * partials_rows(rows, 64) >= rows);
	}
}

static void check_product(struct pool *pool, size_t m, size_t n, size_t k, bool turned, bool add)
{
	float *a = malloc(m * k * sizeof *a), *b = malloc(k * n * sizeof *b), *c = malloc(m * n * sizeof *c);
	struct matrix left = turned ? (struct matrix){ a, 1, m } : (struct matrix){ a, k, 1 };
	struct matrix right = turned ? (struct matrix){ b, 1, k } : (struct matrix){ b, n, 1 };

	for (size_t i = 0; i < m * k; i++)
		a[i] = (float)(i * 5 % 7) - 3;
	for (size_t i = 0; i < k * n; i++)
		b[i] = (float)(i * 3 % 11) - 5;
	for (size_t i = 0; i < m * n; i++)
		c[i] = 1;
	gemm_pool(pool, m, n, k, left, right, add, c, n);
	for (size_t i = 0; i < m * n; i++) {
		double sum = add; /* integers: exact */
		for (size_t j = 0; j < k; j++)
			sum += (double)left.data[i / n * left.row + j * left.column] *
			       (double)right.data[j * right.row + i % n * right.column];
		assert_true((double)c[i] == sum);
	}
	free(a);
	free(b);
	free(c);
}

static void test_gemm(void **state)
{
	struct err err;
	struct pool *pool = pool_new(3, &err);

	(void)state;
	for (int way = 0; way < 4; way++) {
		check_product(pool, 1, 1, 1, way & 1, way & 2);
		check_product(pool, 200, 301, 17, way & 1, way & 2);
		check_product(pool, 97, 129, 260, way & 1, way & 2);
	}
	pool_free(pool);
	assert_true(strlen(gemm_kernels()) > 0);
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && !getenv("BLIS_ARCH_TYPE"))
		assert_string_not_equal(gemm_kernels(), "generic");
#endif
}

static struct tape tape_with(struct arena *arena)
{
	struct err err;

	return (struct tape){ .pool = pool_new(1, &err), .arena = arena, .recording = true };
}

static void test_failure_is_sticky(void **state)
{
	struct arena arena = { 0 };
	struct tape tape = tape_with(&arena);
	const size_t shape[] = { 2, 3 }, huge[] = { SIZE_MAX / 8, SIZE_MAX / 8 };
	struct tensor *x = tape_tensor(&tape, 2, shape, true);

	(void)state;
	assert_null(op_relu(&tape, NULL));
	assert_true(tape.failed);
	assert_null(op_add(&tape, op_relu(&tape, NULL), x));
	assert_null(op_cross_entropy(&tape, NULL, NULL));
	assert_int_equal(tape_backward(&tape, x), -1);
	tape_reset(&tape);
	assert_false(tape.failed);
	assert_null(tape_tensor(&tape, 2, huge, false));
	assert_true(tape.failed);
	pool_free(tape.pool);
	arena_free(&arena);
}

static void test_without_recording(void **state)
{
	struct arena arena = { 0 };
	struct tape tape = tape_with(&arena);
	float value = 2, grad = 7;
	struct tensor x = { .rank = 1, .shape = { 1, 1, 1, 1 }, .data = &value, .wants_grad = true, .grad = &grad };

	(void)state;
	tape.recording = false;
	struct tensor *y = op_relu(&tape, &x);
	assert_false(y->wants_grad);
	assert_null(y->grad);
	assert_null(tape.last);
	pool_free(tape.pool);
	arena_free(&arena);
	assert_true(grad == 7);
}

/* The loss does not depend on y, so x gets no gradient through it. */
static void test_unused_result(void **state)
{
	struct arena arena = { 0 };
	struct tape tape = tape_with(&arena);
	float value = 2, grad = 0;
	struct tensor x = { .rank = 1, .shape = { 1, 1, 1, 1 }, .data = &value, .wants_grad = true, .grad = &grad };
	struct tensor *y = op_gelu(&tape, &x), *loss = op_relu(&tape, &x);

	(void)state;
	assert_int_equal(tape_backward(&tape, loss), 0);
	assert_true(grad == 1);
	assert_null(y->grad);
	pool_free(tape.pool);
	arena_free(&arena);
}

static void test_row_without_length(void **state)
{
	struct arena arena = { 0 };
	struct tape tape = tape_with(&arena);
	struct tensor *x = tape_tensor(&tape, 2, (size_t[]){ 2, 3 }, true);

	(void)state;
	memset(x->data, 0, 6 * sizeof(float));
	x->data[0] = 3;
	struct tensor *y = op_l2_normalise(&tape, x);
	assert_int_equal(tape_backward(&tape, op_cross_entropy(&tape, y, (const int32_t[]){ 1, 2 })), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_true(y->data[i] == (i == 0));
		assert_true(y->data[3 + i] == 0 && x->grad[3 + i] == 0);
	}
	pool_free(tape.pool);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exp),
		cmocka_unit_test(test_softmax),
		cmocka_unit_test(test_partials),
		cmocka_unit_test(test_gemm),
		cmocka_unit_test(test_failure_is_sticky),
		cmocka_unit_test(test_without_recording),
		cmocka_unit_test(test_unused_result),
		cmocka_unit_test(test_row_without_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
