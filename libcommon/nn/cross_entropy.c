/* Cross entropy, and InfoNCE, which is the cross entropy of similarities.  Both give a scalar [1], in nats. */
#include "nn/ops.h"
#include "core/parallel.h"
#include "nn/softmax.h"
#include "nn/gemm.h"

#include <assert.h>
#include <math.h>

/* Cross entropy: mean over i of -log softmax(logits[i])[target of i], in nats.   logits, probability [n,m], n and m >= 1
 * The target of row i is targets[i] or, if targets is NULL, first + i. */
struct cross_entropy {
	size_t n, m;
	const int32_t *targets;
	size_t first;
	const float *logits;
	float *probability; /* saved for the backward */
	double *row_loss;   /* [n], scratch */
};

static size_t target_of(const struct cross_entropy *ce, size_t i)
{
	return ce->targets ? (size_t)ce->targets[i] : ce->first + i;
}

static size_t rows_of_piece(const struct cross_entropy *ce)
{
	return pieces_rows(8 * ce->m); /* an exponential takes about as long as moving 8 floats */
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

static double cross_entropy_forward(struct pool *pool, struct cross_entropy *ce)
{
	double sum = 0;

	pool_run(pool, pieces_count(ce->n, rows_of_piece(ce)), cross_entropy_forward_piece, ce);
	for (size_t i = 0; i < ce->n; i++)
		sum += ce->row_loss[i];
	return sum / (double)ce->n;
}

/* d logits (+)= d_loss * (probability - onehot(target)) / n */
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

/* d_logits may be ce->probability. */
static void cross_entropy_backward(struct pool *pool, const struct cross_entropy *ce, float d_loss, bool add, float *d_logits)
{
	struct gradient gradient = { ce, d_loss / (float)ce->n, add, d_logits };

	pool_run(pool, pieces_count(ce->n, rows_of_piece(ce)), cross_entropy_backward_piece, &gradient);
}

struct cross_entropy_op {
	struct cross_entropy ce;
	struct tensor *logits, *loss;
};

static void op_cross_entropy_backward(struct tape *tape, void *context)
{
	struct cross_entropy_op *s = context;
	bool add;

	if (tape_wants_grad(tape, s->logits, &add))
		cross_entropy_backward(tape->pool, &s->ce, s->loss->grad[0], add, s->logits->grad);
}

struct tensor *op_cross_entropy(struct tape *tape, struct tensor *logits, const int32_t *targets)
{
	struct cross_entropy_op s = { .logits = logits }, *saved;

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

/* InfoNCE, one direction (CLIP, Radford et al. 2021, fig. 3): cross entropy of similarities
 *     logits = exp(logit_scale) rows columns'     rows [n,d]  columns [m,d]  logits [n,m]
 * where the target of row i is column first + i or, with groups, is spread evenly over all columns of that column's group
 * (Khosla et al. 2020, "Supervised contrastive learning", eq. 2).  Backward, with D = d loss / d logits:
 *     d rows = exp(logit_scale) D columns,  d columns = exp(logit_scale) D' rows,  d logit_scale = sum of D * logits */
struct info_nce {
	struct cross_entropy ce;
	struct tensor *rows, *columns, *logit_scale, *loss;
	const uint32_t *groups; /* [m], of the columns; NULL: each column is a group of its own */
	float *logits;
	float scale;
};

/* The mean of the values of the columns in row i's group, and their number. */
static double info_nce_group_mean(const struct info_nce *nce, size_t i, const float *values, size_t *count)
{
	const uint32_t group = nce->groups[nce->ce.first + i];
	double sum = 0;

	*count = 0;
	for (size_t j = 0; j < nce->ce.m; j++)
		if (nce->groups[j] == group) {
			sum += (double)values[j];
			++*count;
		}
	return sum / (double)*count;
}

/* Replaces the target's logit in the loss of each row by the mean over its group.  Returns the change of the sum of losses. */
static double info_nce_spread_losses(const struct info_nce *nce)
{
	double sum = 0;
	size_t count;

	for (size_t i = 0; nce->groups && i < nce->ce.n; i++) {
		const float *logits = nce->logits + i * nce->ce.m;
		sum += (double)logits[nce->ce.first + i] - info_nce_group_mean(nce, i, logits, &count);
	}
	return sum;
}

/* The same for D: the share subtracted at the target is subtracted evenly over its group. */
static void info_nce_spread_gradients(const struct info_nce *nce, float share)
{
	size_t count;

	for (size_t i = 0; nce->groups && i < nce->ce.n; i++) {
		float *d = nce->ce.probability + i * nce->ce.m;
		info_nce_group_mean(nce, i, d, &count);
		if (count == 1)
			continue;
		d[nce->ce.first + i] += share;
		for (size_t j = 0; j < nce->ce.m; j++)
			d[j] -= nce->groups[j] == nce->groups[nce->ce.first + i] ? share / (float)count : 0;
	}
}

SIMD static void info_nce_scale_floats(size_t size, float factor, float *x)
{
	for (size_t i = 0; i < size; i++)
		x[i] *= factor;
}

static void info_nce_scale_piece(void *context, size_t i, size_t thread)
{
	const struct info_nce *nce = context;

	(void)thread;
	info_nce_scale_floats(nce->ce.m, nce->scale, nce->logits + i * nce->ce.m);
}

/* Row i of D: its part of d logit_scale; then the row is multiplied by exp(logit_scale). */
static void info_nce_gradient_piece(void *context, size_t i, size_t thread)
{
	const struct info_nce *nce = context;
	const float *logits = nce->logits + i * nce->ce.m;
	float *d = nce->ce.probability + i * nce->ce.m;
	double sum = 0;

	(void)thread;
	for (size_t j = 0; j < nce->ce.m; j++)
		sum += (double)d[j] * (double)logits[j];
	nce->ce.row_loss[i] = sum;
	info_nce_scale_floats(nce->ce.m, nce->scale, d);
}

static void info_nce_backward(struct tape *tape, void *saved)
{
	struct info_nce *nce = saved;
	size_t n = nce->ce.n, m = nce->ce.m, d = tensor_columns(nce->rows);
	float *gradient = nce->ce.probability;
	double sum = 0;
	bool add;

	cross_entropy_backward(tape->pool, &nce->ce, nce->loss->grad[0], false, gradient);
	info_nce_spread_gradients(nce, nce->loss->grad[0] / (float)n);
	pool_run(tape->pool, n, info_nce_gradient_piece, nce);
	for (size_t i = 0; i < n; i++)
		sum += nce->ce.row_loss[i];
	if (tape_wants_sum(tape, nce->logit_scale))
		nce->logit_scale->grad[0] += (float)sum;
	if (tape_wants_grad(tape, nce->rows, &add))
		gemm_pool(tape->pool, n, d, m, (struct matrix){ gradient, m, 1 }, (struct matrix){ nce->columns->data, d, 1 }, add,
			nce->rows->grad, d);
	if (tape_wants_grad(tape, nce->columns, &add))
		gemm_pool(tape->pool, m, d, n, (struct matrix){ gradient, 1, m }, (struct matrix){ nce->rows->data, d, 1 }, add,
			nce->columns->grad, d);
}

static void info_nce_forward(struct tape *tape, struct info_nce *nce)
{
	size_t d = tensor_columns(nce->rows);

	gemm_pool(tape->pool, nce->ce.n, nce->ce.m, d, (struct matrix){ nce->rows->data, d, 1 },
		(struct matrix){ nce->columns->data, 1, d }, false, nce->logits, nce->ce.m);
	pool_run(tape->pool, nce->ce.n, info_nce_scale_piece, nce);
	nce->loss->data[0] = (float)(cross_entropy_forward(tape->pool, &nce->ce) + info_nce_spread_losses(nce) / (double)nce->ce.n);
}

struct tensor *op_info_nce(struct tape *tape, struct tensor *rows, struct tensor *columns, size_t first, struct tensor *logit_scale)
{
	return op_info_nce_groups(tape, rows, columns, first, NULL, logit_scale);
}

struct tensor *op_info_nce_groups(
	struct tape *tape, struct tensor *rows, struct tensor *columns, size_t first, const uint32_t *groups, struct tensor *logit_scale)
{
	struct info_nce nce = { .rows = rows, .columns = columns, .logit_scale = logit_scale, .groups = groups }, *saved;

	if (!rows || !columns || !logit_scale)
		return tape_fail(tape);
	size_t n = tensor_rows(rows), m = tensor_rows(columns);
	assert(n && first + n <= m && tensor_columns(rows) == tensor_columns(columns));
	nce.scale = expf(logit_scale->data[0]);
	nce.logits = tape_floats(tape, n * m);
	nce.ce = (struct cross_entropy){ .n = n,
		.m = m,
		.first = first,
		.logits = nce.logits,
		.probability = tape_floats(tape, n * m),
		.row_loss = arena_alloc(tape->arena, n * sizeof(double)) };
	nce.loss = tape_result(tape, 1, (size_t[]){ 1 }, rows->wants_grad || columns->wants_grad || logit_scale->wants_grad);
	if (!nce.loss || !nce.logits || !nce.ce.probability || !nce.ce.row_loss || !(saved = tape_save(tape, &nce, sizeof nce)))
		return tape_fail(tape);
	tape->flops += 2. * (double)(n * m) * (double)tensor_columns(rows);
	info_nce_forward(tape, saved);
	tape_record(tape, nce.loss, info_nce_backward, saved);
	return nce.loss;
}
