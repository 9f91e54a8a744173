/* y = x A + bias.   x [rows,in]  A [in,out]  y [rows,out]
 * dx = dy A',  dA = x' dy,  dbias = the sum of dy's rows.
 * Linear keeps A transposed ([out,in], as torch.nn.Linear), a projection keeps it as it is. */
#include "nn/gemm.h"
#include "nn/ops.h"
#include "nn/partials.h"
#include "nn/pieces.h"
#include "nn/simd.h"

#include <assert.h>
#include <string.h>

struct linear {
	struct tensor *x, *a, *bias, *y;
	size_t rows, in, out;
	bool transposed;
	float *partials;
};

static struct matrix plain(const float *data, size_t columns)
{
	return (struct matrix){ data, columns, 1 };
}

static struct matrix transpose(struct matrix a)
{
	return (struct matrix){ a.data, a.column, a.row };
}

static struct matrix matrix_of(const struct linear *l)
{
	return l->transposed ? (struct matrix){ l->a->data, 1, l->in } : plain(l->a->data, l->out);
}

static void bias_piece(void *context, size_t piece, size_t thread)
{
	const struct linear *l = context;
	struct range rows = pieces_range(l->rows, pieces_rows(l->out), piece);

	(void)thread;
	for (size_t i = rows.first; i < rows.end; i++)
		memcpy(l->y->data + i * l->out, l->bias->data, l->out * sizeof(float));
}

SIMD static void sum_rows(size_t rows, size_t columns, const float *x, float *sum)
{
	memset(sum, 0, columns * sizeof *sum);
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < columns; j++)
			sum[j] += x[i * columns + j];
}

static void bias_gradient_piece(void *context, size_t piece, size_t thread)
{
	const struct linear *l = context;
	struct range rows = pieces_range(l->rows, partials_rows(l->rows, l->out), piece);

	(void)thread;
	sum_rows(rows.end - rows.first, l->out, l->y->grad + rows.first * l->out, l->partials + piece * l->out);
}

static void bias_backward(struct tape *tape, struct linear *l)
{
	size_t count = partials_count(l->rows, l->out);

	l->partials = tape_floats(tape, count * l->out);
	if (!l->partials)
		return;
	pool_run(tape->pool, count, bias_gradient_piece, l);
	partials_sum(count, l->out, l->partials, l->out, tensor_begin_grad(l->bias), l->bias->grad);
}

static void backward(struct tape *tape, void *saved)
{
	struct linear *l = saved;
	struct matrix x = plain(l->x->data, l->in), dy = plain(l->y->grad, l->out);

	if (l->x->grad)
		gemm_pool(tape->pool, l->rows, l->in, l->out, dy, transpose(matrix_of(l)), tensor_begin_grad(l->x),
			l->x->grad, l->in);
	if (l->a->grad && l->transposed)
		gemm_pool(tape->pool, l->out, l->in, l->rows, transpose(dy), x, tensor_begin_grad(l->a), l->a->grad,
			l->in);
	else if (l->a->grad)
		gemm_pool(tape->pool, l->in, l->out, l->rows, transpose(x), dy, tensor_begin_grad(l->a), l->a->grad,
			l->out);
	if (l->bias && l->bias->grad)
		bias_backward(tape, l);
}

static struct tensor *apply(struct tape *tape, struct linear l)
{
	size_t shape[TENSOR_RANK];
	struct linear *saved;

	assert(l.x->rank >= 1 && tensor_columns(l.x) == l.in && (!l.bias || tensor_size(l.bias) == l.out));
	memcpy(shape, l.x->shape, sizeof shape);
	shape[l.x->rank - 1] = l.out;
	l.rows = tensor_rows(l.x);
	l.y = tape_result(tape, l.x->rank, shape, l.x->grad || l.a->grad || (l.bias && l.bias->grad));
	if (!l.y || !(saved = tape_save(tape, &l, sizeof l)))
		return NULL;
	if (l.bias)
		pool_run(tape->pool, pieces_count(l.rows, pieces_rows(l.out)), bias_piece, saved);
	gemm_pool(tape->pool, l.rows, l.out, l.in, plain(l.x->data, l.in), matrix_of(saved), l.bias != NULL, l.y->data,
		l.out);
	tape_record(tape, l.y, backward, saved);
	return l.y;
}

struct tensor *op_linear(struct tape *tape, struct tensor *x, struct tensor *weight, struct tensor *bias)
{
	if (!x || !weight)
		return tape_fail(tape);
	return apply(tape, (struct linear){ .x = x, .a = weight, .bias = bias, .in = tensor_columns(weight),
		.out = tensor_rows(weight), .transposed = true });
}

struct tensor *op_project(struct tape *tape, struct tensor *x, struct tensor *matrix)
{
	if (!x || !matrix)
		return tape_fail(tape);
	return apply(tape, (struct linear){ .x = x, .a = matrix, .in = tensor_rows(matrix),
		.out = tensor_columns(matrix) });
}
