/* InfoNCE, one direction (CLIP, Radford et al. 2021, fig. 3): cross entropy of similarities
 *     logits = exp(logit_scale) rows columns'     rows [n,d]  columns [m,d]  logits [n,m]
 * where row i belongs to column first + i; with groups its target is spread evenly over all columns of that column's group
 * (Khosla et al. 2020, "Supervised contrastive learning", eq. 2).  Backward, with D = d loss / d logits:
 *     d rows = exp(logit_scale) D columns,  d columns = exp(logit_scale) D' rows,  d logit_scale = sum of D * logits */
#include "nn/cross_entropy.h"
#include "nn/gemm.h"
#include "nn/ops.h"
#include "nn/pieces.h"
#include "core/simd.h"

#include <assert.h>
#include <math.h>

struct info_nce {
	struct cross_entropy ce;
	struct tensor *rows, *columns, *logit_scale, *loss;
	const uint32_t *groups; /* [m] of the columns; NULL: each is its own */
	float *logits;
	float scale;
};

/* What the columns of row i's group share: the mean of their values, and how many they are. */
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

/* The target's logit in row i's loss becomes the mean over its group.  Returns what that adds to the sum of losses. */
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

/* The same for D: what was taken from the target is taken from its group. */
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

/* Row i of D: its share of d logit_scale, then times exp(logit_scale). */
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
