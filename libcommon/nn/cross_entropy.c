#include "nn/cross_entropy.h"

#include "nn/ops.h"
#include "nn/pieces.h"
#include "core/simd.h"
#include "nn/softmax.h"

#include <assert.h>

static size_t target_of(const struct cross_entropy *ce, size_t i)
{
	return ce->targets ? (size_t)ce->targets[i] : ce->first + i;
}

static size_t rows_of_piece(const struct cross_entropy *ce)
{
	return pieces_rows(8 * ce->m); /* an exponential costs about as much as moving 8 floats */
}

static void cross_entropy_forward_piece(void *context, size_t piece, size_t thread)
{
	const struct cross_entropy *ce = context;
	struct range range = pieces_range(ce->n, rows_of_piece(ce), piece);

	(void)thread;
	for (size_t i = range.first; i < range.end; i++) {
		const float *logits = ce->logits + i * ce->m;
		float logit = logits[target_of(ce, i)];
		softmax_row(ce->m, logits, ce->probability + i * ce->m, &ce->row_loss[i]);
		ce->row_loss[i] -= (double)logit;
	}
}

double cross_entropy_forward(struct pool *pool, struct cross_entropy *ce)
{
	double sum = 0;

	pool_run(pool, pieces_count(ce->n, rows_of_piece(ce)), cross_entropy_forward_piece, ce);
	for (size_t i = 0; i < ce->n; i++)
		sum += ce->row_loss[i];
	return sum / (double)ce->n;
}

struct gradient {
	const struct cross_entropy *ce;
	float share;
	bool add;
	float *d_logits;
};

SIMD static void cross_entropy_row_backward(size_t m, size_t target, const float *probability, float share, bool add, float *d)
{
	float at_target = share * (probability[target] - 1) + (add ? d[target] : 0);

	for (size_t j = 0; j < m; j++)
		d[j] = share * probability[j] + (add ? d[j] : 0);
	d[target] = at_target;
}

static void cross_entropy_backward_piece(void *context, size_t piece, size_t thread)
{
	const struct gradient *g = context;
	struct range range = pieces_range(g->ce->n, rows_of_piece(g->ce), piece);
	size_t m = g->ce->m;

	(void)thread;
	for (size_t i = range.first; i < range.end; i++)
		cross_entropy_row_backward(m, target_of(g->ce, i), g->ce->probability + i * m, g->share, g->add, g->d_logits + i * m);
}

void cross_entropy_backward(struct pool *pool, const struct cross_entropy *ce, float d_loss, bool add, float *d_logits)
{
	struct gradient gradient = { ce, d_loss / (float)ce->n, add, d_logits };

	pool_run(pool, pieces_count(ce->n, rows_of_piece(ce)), cross_entropy_backward_piece, &gradient);
}

struct saved {
	struct cross_entropy ce;
	struct tensor *logits, *loss;
};

static void op_cross_entropy_backward(struct tape *tape, void *context)
{
	struct saved *s = context;
	bool add;

	if (tape_wants_grad(tape, s->logits, &add))
		cross_entropy_backward(tape->pool, &s->ce, s->loss->grad[0], add, s->logits->grad);
}

struct tensor *op_cross_entropy(struct tape *tape, struct tensor *logits, const int32_t *targets)
{
	struct saved s = { .logits = logits }, *saved;

	if (!logits)
		return tape_fail(tape);
	size_t n = tensor_rows(logits), m = tensor_columns(logits);
	assert(n && m);
	for (size_t i = 0; i < n; i++)
		assert(targets[i] >= 0 && (size_t)targets[i] < m);
	s.ce = (struct cross_entropy){ .n = n,
		.m = m,
		.targets = targets,
		.logits = logits->data,
		.probability = tape_floats(tape, n * m),
		.row_loss = arena_alloc(tape->arena, n * sizeof(double)) };
	s.loss = tape_result(tape, 1, (size_t[]){ 1 }, logits->wants_grad);
	if (!s.loss || !s.ce.probability || !s.ce.row_loss || !(saved = tape_save(tape, &s, sizeof s)))
		return tape_fail(tape);
	s.loss->data[0] = (float)cross_entropy_forward(tape->pool, &saved->ce);
	tape_record(tape, s.loss, op_cross_entropy_backward, saved);
	return s.loss;
}
