/* y = x / |x|, row by row.  dx = (dy - y (y . dy)) / |x|.
 * A row of zeros stays so and gets no gradient: it has no direction. */
#include "nn/ops.h"
#include "nn/pieces.h"
#include "core/simd.h"

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
		float *dx = s->x->grad + i * d, along = (float)normalise_dot(d, y, dy);
		for (size_t k = 0; k < d; k++)
			dx[k] = (dy[k] - y[k] * along) * s->inverse[i] + (s->add ? dx[k] : 0);
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
