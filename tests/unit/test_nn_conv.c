/* The convolution with every microkernel that this CPU supports, against the definition in double precision. */
#include "tests/unit/nn_case.h"

#include "nn/conv.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct conv_shape shapes[] = {
	{ 3, 9, 7, 5, 9, 7, 20, 3, 3, 1, 1 },
	{ 2, 8, 8, 16, 4, 4, 48, 3, 3, 2, 1 },
	{ 5, 4, 4, 33, 4, 4, 65, 3, 3, 1, 1 },
	{ 1, 11, 13, 3, 4, 5, 17, 5, 3, 3, 2 },
	{ 2, 6, 6, 8, 6, 6, 96, 1, 1, 1, 0 },
	{ 2, 5, 5, 8, 3, 3, 7, 1, 1, 2, 0 },
	{ 2, 16, 16, 3, 2, 2, 100, 8, 8, 8, 0 },
	{ 1, 2, 3, 4, 3, 4, 5, 2, 2, 1, 1 },
	{ 700, 1, 1, 19, 1, 1, 50, 1, 1, 1, 0 },
	{ 1, 3, 3, 2, 9, 9, 3, 9, 9, 1, 7 },
	{ 3, 4, 4, 300, 4, 4, 40, 3, 3, 1, 1 },
	{ 2, 3, 3, 8, 3, 3, 520, 1, 1, 1, 0 },
	{ 2, 24, 24, 4, 24, 24, 5, 3, 3, 1, 1 },
};

/* Calls visit for each product in the definition, with the offsets of its three members. */
static void each_product(const struct conv_shape *s, void (*visit)(void *, size_t x, size_t w, size_t y), void *context)
{
	for (size_t pixel = 0; pixel < s->n * s->out_height * s->out_width; pixel++)
		for (size_t filter = 0; filter < s->out; filter++)
			for (size_t tap = 0; tap < s->kh * s->kw * s->c; tap++) {
				size_t image = pixel / (s->out_height * s->out_width), k = tap % s->c;
				size_t line = pixel / s->out_width % s->out_height, column = pixel % s->out_width;
				size_t row = line * s->stride + tap / s->c / s->kw - s->pad;
				size_t at = column * s->stride + tap / s->c % s->kw - s->pad;
				if (row < s->height && at < s->width)
					visit(context, ((image * s->height + row) * s->width + at) * s->c + k,
						filter * s->kh * s->kw * s->c + tap, pixel * s->out + filter);
			}
}

struct sums {
	struct tensor x, w, y; /* y: also dy */
	double *to_x, *to_w, *to_y;
};

static void add_product(void *context, size_t x, size_t w, size_t y)
{
	struct sums *s = context;

	s->to_y[y] += (double)s->x.data[x] * (double)s->w.data[w];
	s->to_x[x] += (double)s->y.data[y] * (double)s->w.data[w];
	s->to_w[w] += (double)s->y.data[y] * (double)s->x.data[x];
}

static void compare(const char *kernels, size_t shape, const char *what, size_t size, const float *got, const double *wanted)
{
	double most = 0, worst = 0;

	for (size_t i = 0; i < size; i++) {
		most = fmax(most, fabs(wanted[i]));
		worst = fmax(worst, fabs((double)got[i] - wanted[i]));
	}
	if (!(worst <= 2e-6 * most))
		fail_msg("%s, shape %zu: %s is off by %g, the largest is %g", kernels, shape, what, worst, most);
}

static struct sums sums_new(const struct conv_shape *s)
{
	struct rng rng = rng_for(1, span_string(""), 0, "conv");
	struct sums sums = {
		.x = nn_input_new(&(struct nn_input){ 4, { s->n, s->height, s->width, s->c } }, &rng),
		.w = nn_input_new(&(struct nn_input){ 4, { s->out, s->kh, s->kw, s->c } }, &rng),
		.y = nn_input_new(&(struct nn_input){ 4, { s->n, s->out_height, s->out_width, s->out } }, &rng),
	};

	sums.to_x = calloc(tensor_size(&sums.x), sizeof(double));
	sums.to_w = calloc(tensor_size(&sums.w), sizeof(double));
	sums.to_y = calloc(tensor_size(&sums.y), sizeof(double));
	each_product(s, add_product, &sums);
	return sums;
}

static void sums_free(struct sums *sums)
{
	nn_input_free(&sums->x);
	nn_input_free(&sums->w);
	nn_input_free(&sums->y);
	free(sums->to_x);
	free(sums->to_w);
	free(sums->to_y);
}

static void check_shape(struct tape *tape, const struct microkernel *kernels, size_t index)
{
	const struct conv_shape *s = &shapes[index];
	struct sums sums = sums_new(s);
	float *x = tape_floats(tape, tensor_size(&sums.x)), *w = tape_floats(tape, tensor_size(&sums.w));
	float *y = tape_floats(tape, tensor_size(&sums.y)), *products = tape_floats(tape, tensor_size(&sums.w));

	for (int add = 0; add < 2; add++) { /* stored, then added to itself */
		conv_forward(tape, kernels, s, sums.x.data, sums.w.data, add, y);
		conv_backward_data(tape, kernels, s, sums.y.data, sums.w.data, add, x);
		conv_backward_weights(tape, kernels, s, sums.x.data, sums.y.data, add, w);
		conv_weight_gemm(tape, s, sums.x.data, sums.y.data, add, products);
		assert_false(tape->failed);
		compare(kernels->name, index, "y", tensor_size(&sums.y), y, sums.to_y);
		compare(kernels->name, index, "dx", tensor_size(&sums.x), x, sums.to_x);
		compare(kernels->name, index, "dw", tensor_size(&sums.w), w, sums.to_w);
		compare("BLIS", index, "dw", tensor_size(&sums.w), products, sums.to_w);
		for (size_t i = 0; i < tensor_size(&sums.y); i++)
			sums.to_y[i] *= 2;
		for (size_t i = 0; i < tensor_size(&sums.x); i++)
			sums.to_x[i] *= 2;
		for (size_t i = 0; i < tensor_size(&sums.w); i++)
			sums.to_w[i] *= 2;
	}
	sums_free(&sums);
	tape_reset(tape);
}

static void test_kernels(void **state)
{
	struct err err;
	struct arena arena = { 0 };
	struct tape tape = { .pool = pool_new(2, &err), .arena = &arena };

	(void)state;
	assert_non_null(tape.pool);
	for (size_t k = 0; microkernel_at(k); k++)
		for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
			check_shape(&tape, microkernel_at(k), i);
	pool_free(tape.pool);
	arena_free(&arena);
}

/* a [rows,k] b [k,columns], b given transposed and times 2, the last columns zeros. */
static void check_packed(const struct microkernel *kernels, size_t rows, size_t k, size_t columns, size_t given)
{
	struct rng rng = rng_for(2, span_string(""), 0, "packed");
	struct tensor a = nn_input_new(&(struct nn_input){ 2, { rows, k } }, &rng);
	struct tensor b = nn_input_new(&(struct nn_input){ 2, { columns, k } }, &rng);
	struct tensor c = nn_input_new(&(struct nn_input){ 2, { rows, columns } }, &rng);
	float *memory = malloc(packed_floats(kernels, k, columns) * sizeof *memory);
	struct packed packed = packed_make(kernels, k, columns, given, b.data, 1, k, 2, memory);
	double *wanted = calloc(rows * columns, sizeof *wanted);

	for (size_t i = 0; i < rows * columns; i++) {
		wanted[i] = (double)c.data[i];
		for (size_t j = 0; j < k && i % columns < given; j++)
			wanted[i] += 2 * (double)a.data[i / columns * k + j] * (double)b.data[i % columns * k + j];
	}
	packed_multiply(&packed, rows, a.data, k, true, c.data, columns);
	compare(kernels->name, rows, "packed product", rows * columns, c.data, wanted);
	free(wanted);
	free(memory);
	nn_input_free(&a);
	nn_input_free(&b);
	nn_input_free(&c);
}

static void test_packed(void **state)
{
	(void)state;
	for (size_t i = 0; microkernel_at(i); i++) {
		check_packed(microkernel_at(i), 12, 32, 16, 12);
		check_packed(microkernel_at(i), 1, 1, 1, 1);
		check_packed(microkernel_at(i), 17, 5, 101, 99);
		check_packed(microkernel_at(i), 8, 64, 48, 48);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernels),
		cmocka_unit_test(test_packed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
