/* L2 normalisation of rows, and standardisation of channels.
 *
 * y = x / |x|, row by row.  dx = (dy - y (y . dy)) / |x|.   x, y [rows,d]
 * A row of zeros has no direction: y is 0 and dx gets nothing. */
#include "nn/ops.h"
#include "core/parallel.h"

#include <math.h>

struct normalise {
	struct tensor *x, *y;
	float *inverse; /* [rows]: 1 / |x|, or 0 */
	bool add;
};

static double normalise_dot(size_t size, const float *a, const float *b)
{
	double sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += (double)a[i] * (double)b[i];
	return sum;
}

static void normalise_forward_piece(void *context, size_t piece, size_t thread)
{
	const struct normalise *s = context;
	size_t d = tensor_columns(s->x);
	struct range rows = pieces_range(tensor_rows(s->x), pieces_rows(4 * d), piece);

	(void)thread;
	for (size_t i = rows.first; i < rows.end; i++) {
		const float *x = s->x->data + i * d;
		double length = sqrt(normalise_dot(d, x, x));
		s->inverse[i] = length > 0 ? (float)(1 / length) : 0;
		for (size_t k = 0; k < d; k++)
			s->y->data[i * d + k] = x[k] * s->inverse[i];
	}
}

static void normalise_backward_piece(void *context, size_t piece, size_t thread)
{
	const struct normalise *s = context;
	size_t d = tensor_columns(s->x);
	struct range rows = pieces_range(tensor_rows(s->x), pieces_rows(4 * d), piece);

	(void)thread;
	for (size_t i = rows.first; i < rows.end; i++) {
		const float *y = s->y->data + i * d, *dy = s->y->grad + i * d;
		float *dx = s->x->grad + i * d, dot = (float)normalise_dot(d, y, dy);
		for (size_t k = 0; k < d; k++)
			dx[k] = (dy[k] - y[k] * dot) * s->inverse[i] + (s->add ? dx[k] : 0);
	}
}

static void normalise_backward(struct tape *tape, void *saved)
{
	struct normalise *s = saved;

	if (tape_wants_grad(tape, s->x, &s->add))
		pool_run(tape->pool, pieces_count(tensor_rows(s->x), pieces_rows(4 * tensor_columns(s->x))), normalise_backward_piece, s);
}

struct tensor *op_l2_normalise(struct tape *tape, struct tensor *x)
{
	struct normalise s = { .x = x }, *saved;

	if (!x)
		return tape_fail(tape);
	s.y = tape_result(tape, x->rank, x->shape, x->wants_grad);
	s.inverse = tape_floats(tape, tensor_rows(x));
	if (!s.y || !s.inverse || !(saved = tape_save(tape, &s, sizeof s)))
		return NULL;
	pool_run(tape->pool, pieces_count(tensor_rows(x), pieces_rows(4 * tensor_columns(x))), normalise_forward_piece, saved);
	tape_record(tape, s.y, normalise_backward, saved);
	return s.y;
}

/* y = (x - mean) / std, with a mean and a standard deviation for each channel:   x, y [.., c]   mean, std [c], constants
 * Backward:  dx += dy / std. */

enum { CHANNELS_MOST = 4 };

struct standardise {
	struct tensor *x, *y;
	size_t channels;
	bool add;
	float mean[CHANNELS_MOST], std[CHANNELS_MOST];
};

static void standardise_forward_piece(void *context, size_t piece, size_t thread)
{
	const struct standardise *s = context;
	const struct range rows = pieces_range(tensor_rows(s->x), pieces_rows(s->channels), piece);

	(void)thread;
	for (size_t i = rows.first * s->channels; i < rows.end * s->channels; i += s->channels)
		for (size_t c = 0; c < s->channels; c++)
			s->y->data[i + c] = (s->x->data[i + c] - s->mean[c]) / s->std[c];
}

static void standardise_backward_piece(void *context, size_t piece, size_t thread)
{
	const struct standardise *s = context;
	const struct range rows = pieces_range(tensor_rows(s->x), pieces_rows(s->channels), piece);

	(void)thread;
	for (size_t i = rows.first * s->channels; i < rows.end * s->channels; i += s->channels)
		for (size_t c = 0; c < s->channels; c++)
			s->x->grad[i + c] = (s->add ? s->x->grad[i + c] : 0) + s->y->grad[i + c] / s->std[c];
}

static void standardise_backward(struct tape *tape, void *saved)
{
	struct standardise *s = saved;

	if (tape_wants_grad(tape, s->x, &s->add))
		pool_run(tape->pool, pieces_count(tensor_rows(s->x), pieces_rows(s->channels)), standardise_backward_piece, s);
}

struct tensor *op_standardise(struct tape *tape, struct tensor *x, const float *mean, const float *std)
{
	struct standardise s = { .x = x }, *saved;

	if (!x || tensor_columns(x) > CHANNELS_MOST)
		return tape_fail(tape);
	s.channels = tensor_columns(x);
	for (size_t c = 0; c < s.channels; c++) {
		s.mean[c] = mean[c];
		s.std[c] = std[c];
	}
	s.y = tape_result(tape, x->rank, x->shape, x->wants_grad);
	if (!s.y || !(saved = tape_save(tape, &s, sizeof s)))
		return NULL;
	pool_run(tape->pool, pieces_count(tensor_rows(x), pieces_rows(s.channels)), standardise_forward_piece, saved);
	tape_record(tape, s.y, standardise_backward, saved);
	return s.y;
}
