/* y = (x - mean) / sqrt(var + eps) * gain + bias over the last axis, with biased variance (Ba et al. 2016).
 * x, y [rows,d]   gain, bias [d]   mean, rstd [rows], saved for the backward. */
#include "nn/ops.h"
#include "core/parallel.h"
#include "nn/softmax.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define LAYER_NORM_EPS 1e-5

/* The sum of x - shift or of its square. */
INLINE double layer_norm_row_sum(size_t d, const float *x, float shift, bool square)
{
	float lane[LANES] = { 0 };
	double sum = 0;
	size_t k = 0;

	for (; k + LANES <= d; k += LANES)
		for (size_t l = 0; l < LANES; l++)
			lane[l] += square ? (x[k + l] - shift) * (x[k + l] - shift) : x[k + l] - shift;
	for (; k < d; k++)
		lane[k % LANES] += square ? (x[k] - shift) * (x[k] - shift) : x[k] - shift;
	for (size_t l = 0; l < LANES; l++)
		sum += (double)lane[l];
	return sum;
}

SIMD static void layer_norm_forward(
	size_t rows, size_t d, const float *x, const float *gain, const float *bias, float *y, float *mean, float *rstd)
{
	for (size_t i = 0; i < rows; i++, x += d, y += d) {
		float center = (float)(layer_norm_row_sum(d, x, 0, false) / (double)d);
		float scale = (float)(1 / sqrt(layer_norm_row_sum(d, x, center, true) / (double)d + LAYER_NORM_EPS));
		for (size_t k = 0; k < d; k++)
			y[k] = (x[k] - center) * scale * gain[k] + bias[k];
		mean[i] = center;
		rstd[i] = scale;
	}
}

/* With n = (x - mean) rstd and g = dy gain:  dx = rstd (g - mean of g - n * mean of g n). */
INLINE void layer_norm_row_dx(size_t d, const float *dy, const float *x, const float *gain, float mean, float rstd, bool add, float *dx)
{
	float lane[LANES] = { 0 }, lane_n[LANES] = { 0 };
	double sum = 0, sum_n = 0;

	for (size_t k = 0; k < d; k += LANES)
		for (size_t l = 0; l < LANES && k + l < d; l++) {
			float g = dy[k + l] * gain[k + l];
			lane[l] += g;
			lane_n[l] += g * ((x[k + l] - mean) * rstd);
		}
	for (size_t l = 0; l < LANES; l++) {
		sum += (double)lane[l];
		sum_n += (double)lane_n[l];
	}
	float average = (float)(sum / (double)d), average_n = (float)(sum_n / (double)d);
	for (size_t k = 0; k < d; k++)
		dx[k] = rstd * (dy[k] * gain[k] - average - (x[k] - mean) * rstd * average_n) + (add ? dx[k] : 0);
}

/* Stores or adds into dx (may be NULL); adds into dgain and dbias. */
SIMD static void layer_norm_backward(size_t rows, size_t d, const float *dy, const float *x, const float *gain, const float *mean,
	const float *rstd, bool add, float *dx, float *dgain, float *dbias)
{
	for (size_t i = 0; i < rows; i++) {
		const float *dy_row = dy + i * d, *x_row = x + i * d;
		for (size_t k = 0; k < d; k++) {
			dgain[k] += dy_row[k] * ((x_row[k] - mean[i]) * rstd[i]);
			dbias[k] += dy_row[k];
		}
		if (dx)
			layer_norm_row_dx(d, dy_row, x_row, gain, mean[i], rstd[i], add, dx + i * d);
	}
}

struct layer_norm {
	struct tensor *x, *gain, *bias, *y;
	float *mean, *rstd;
	size_t rows, d;
	bool add;
	float *dx;       /* NULL: no gradient wanted */
	float *partials; /* [runs, 2, d] */
};

static void layer_norm_forward_piece(void *context, size_t piece, size_t thread)
{
	const struct layer_norm *n = context;
	struct range rows = pieces_range(n->rows, pieces_rows(n->d), piece);
	size_t at = rows.first * n->d;

	(void)thread;
	layer_norm_forward(rows.end - rows.first, n->d, n->x->data + at, n->gain->data, n->bias->data, n->y->data + at,
		n->mean + rows.first, n->rstd + rows.first);
}

static void layer_norm_backward_piece(void *context, size_t piece, size_t thread)
{
	const struct layer_norm *n = context;
	struct range rows = pieces_range(n->rows, partials_rows(n->rows, n->d), piece);
	size_t at = rows.first * n->d;
	float *partial = n->partials + piece * 2 * n->d;

	(void)thread;
	memset(partial, 0, 2 * n->d * sizeof *partial);
	layer_norm_backward(rows.end - rows.first, n->d, n->y->grad + at, n->x->data + at, n->gain->data, n->mean + rows.first,
		n->rstd + rows.first, n->add, n->dx ? n->dx + at : NULL, partial, partial + n->d);
}

static void op_layer_norm_backward(struct tape *tape, void *saved)
{
	struct layer_norm *n = saved;
	size_t count = partials_count(n->rows, n->d);
	bool add;

	n->partials = tape_floats(tape, count * 2 * n->d);
	if (!n->partials)
		return;
	n->dx = tape_wants_grad(tape, n->x, &n->add) ? n->x->grad : NULL;
	pool_run(tape->pool, count, layer_norm_backward_piece, n);
	if (tape_wants_grad(tape, n->gain, &add))
		partials_sum(count, n->d, n->partials, 2 * n->d, add, n->gain->grad);
	if (tape_wants_grad(tape, n->bias, &add))
		partials_sum(count, n->d, n->partials + n->d, 2 * n->d, add, n->bias->grad);
}

struct tensor *op_layer_norm(struct tape *tape, struct tensor *x, struct tensor *gain, struct tensor *bias)
{
	struct layer_norm n = { .x = x, .gain = gain, .bias = bias }, *saved;

	if (!x || !gain || !bias)
		return tape_fail(tape);
	n.rows = tensor_rows(x);
	n.d = tensor_columns(x);
	assert(tensor_size(gain) == n.d && tensor_size(bias) == n.d);
	n.y = tape_result(tape, x->rank, x->shape, x->wants_grad || gain->wants_grad || bias->wants_grad);
	n.mean = tape_floats(tape, n.rows);
	n.rstd = tape_floats(tape, n.rows);
	if (!n.y || !n.mean || !n.rstd || !(saved = tape_save(tape, &n, sizeof n)))
		return NULL;
	pool_run(tape->pool, pieces_count(n.rows, pieces_rows(n.d)), layer_norm_forward_piece, saved);
	tape_record(tape, n.y, op_layer_norm_backward, saved);
	return n.y;
}
