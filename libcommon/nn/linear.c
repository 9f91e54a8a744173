/* y = x A + bias.   x [rows,in]  A [in,out]  y [rows,out]
 * dx = dy A',  dA = x' dy,  dbias = the sum of dy's rows.
* op_linear stores A transposed ([out,in], as torch.nn.Linear); op_project stores it as [in,out].
 *
 * y and dx are computed as convolutions of images of one pixel: on 1536 x 384 x 128 these reach 225 and 243 GFLOPS, BLIS 150 and
 * 183, because the convolution does not pack x.  dA sums over rows, where packing is needed anyway, so BLIS computes it. */
#include "nn/conv.h"
#include "nn/gemm.h"
#include "nn/ops.h"
#include "core/parallel.h"

#include <assert.h>
#include <string.h>

struct linear {
	struct tensor *x, *a, *bias, *y;
	size_t rows, in, out;
	bool transposed;
	float *partials;
};

static void linear_bias_piece(void *context, size_t piece, size_t thread)
{
	const struct linear *l = context;
	struct range rows = pieces_range(l->rows, pieces_rows(l->out), piece);

	(void)thread;
	for (size_t i = rows.first; i < rows.end; i++)
		memcpy(l->y->data + i * l->out, l->bias->data, l->out * sizeof(float));
}

SIMD static void linear_sum_rows(size_t rows, size_t columns, const float *x, float *sum)
{
	memset(sum, 0, columns * sizeof *sum);
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < columns; j++)
			sum[j] += x[i * columns + j];
}

static void linear_bias_gradient_piece(void *context, size_t piece, size_t thread)
{
	const struct linear *l = context;
	struct range rows = pieces_range(l->rows, partials_rows(l->rows, l->out), piece);

	(void)thread;
	linear_sum_rows(rows.end - rows.first, l->out, l->y->grad + rows.first * l->out, l->partials + piece * l->out);
}

static void linear_bias_backward(struct tape *tape, struct linear *l)
{
	size_t count = partials_count(l->rows, l->out);
	bool add;

	if (!tape_wants_grad(tape, l->bias, &add))
		return;
	l->partials = tape_floats(tape, count * l->out);
	if (!l->partials)
		return;
	pool_run(tape->pool, count, linear_bias_gradient_piece, l);
	partials_sum(count, l->out, l->partials, l->out, add, l->bias->grad);
}

/* to [rows, to_columns] (+)= from [rows, from_columns] times the matrix.  as_filters: it is stored as [to_columns, from_columns],
 * otherwise as [from_columns, to_columns]. */
static void linear_multiply(struct tape *tape, const struct linear *l, const float *from, size_t from_columns, bool as_filters, bool add,
	float *to, size_t to_columns)
{
	struct conv_shape shape = { .n = l->rows, .height = 1, .width = 1, .out_height = 1, .out_width = 1, .kh = 1, .kw = 1, .stride = 1 };

	if (as_filters) {
		shape.c = from_columns;
		shape.out = to_columns;
		conv_forward(tape, microkernel_best(), &shape, from, l->a->data, add, to);
	} else {
		shape.out = from_columns;
		shape.c = to_columns;
		conv_backward_data(tape, microkernel_best(), &shape, from, l->a->data, add, to);
	}
}

static void linear_matrix_backward(struct tape *tape, struct linear *l)
{
	struct matrix x = { l->x->data, 1, l->in }, dy = { l->y->grad, l->out, 1 };
	bool add;

	if (!tape_wants_grad(tape, l->a, &add))
		return;
	if (l->transposed)
		gemm_pool(tape->pool, l->out, l->in, l->rows, (struct matrix){ dy.data, 1, l->out }, (struct matrix){ x.data, l->in, 1 },
			add, l->a->grad, l->in);
	else
		gemm_pool(tape->pool, l->in, l->out, l->rows, x, dy, add, l->a->grad, l->out);
}

static void linear_backward(struct tape *tape, void *saved)
{
	struct linear *l = saved;
	bool add;

	if (tape_wants_grad(tape, l->x, &add))
		linear_multiply(tape, l, l->y->grad, l->out, !l->transposed, add, l->x->grad, l->in);
	linear_matrix_backward(tape, l);
	linear_bias_backward(tape, l);
}

static struct tensor *linear_apply(struct tape *tape, struct linear l)
{
	size_t shape[TENSOR_RANK];
	struct linear *saved;

	assert(l.x->rank >= 1 && tensor_columns(l.x) == l.in && (!l.bias || tensor_size(l.bias) == l.out));
	memcpy(shape, l.x->shape, sizeof shape);
	shape[l.x->rank - 1] = l.out;
	l.rows = tensor_rows(l.x);
	l.y = tape_result(tape, l.x->rank, shape, l.x->wants_grad || l.a->wants_grad || (l.bias && l.bias->wants_grad));
	if (!l.y || !(saved = tape_save(tape, &l, sizeof l)))
		return NULL;
	tape->flops += 2. * (double)tensor_size(l.y) * (double)l.in;
	if (l.bias)
		pool_run(tape->pool, pieces_count(l.rows, pieces_rows(l.out)), linear_bias_piece, saved);
	linear_multiply(tape, saved, l.x->data, l.in, l.transposed, l.bias != NULL, l.y->data, l.out);
	tape_record(tape, l.y, linear_backward, saved);
	return tape->failed ? NULL : l.y;
}

struct tensor *op_linear(struct tape *tape, struct tensor *x, struct tensor *weight, struct tensor *bias)
{
	if (!x || !weight)
		return tape_fail(tape);
	return linear_apply(tape,
		(struct linear){
			.x = x, .a = weight, .bias = bias, .in = tensor_columns(weight), .out = tensor_rows(weight), .transposed = true });
}

struct tensor *op_project(struct tape *tape, struct tensor *x, struct tensor *matrix)
{
	if (!x || !matrix)
		return tape_fail(tape);
	return linear_apply(tape, (struct linear){ .x = x, .a = matrix, .in = tensor_rows(matrix), .out = tensor_columns(matrix) });
}
