/* Multi-head self-attention of one sample and one head, q, k, v [t,e] with e = d / heads:
 *     p = softmax(q k' / sqrt(e)), row i over columns 0..i where causal      y = p v
 *     dp = dy v',  ds = p (dp - sum of dp p) / sqrt(e),  dq = ds k,  dk = ds' q,  dv = p' dy
 * qkv [n,t,3d], y [n,t,d]; p [n,heads,t,t] is kept for the backward.  A piece of work is one sample and one head. */
#include "nn/ops.h"
#include "nn/simd.h"
#include "nn/softmax.h"

#include <assert.h>
#include <math.h>

struct attention {
	struct tensor *qkv, *y;
	float *p;
	size_t heads, t, d, e;
	bool causal;
	float *scratch; /* [threads, stride] */
	size_t stride;
};

/* c[i] . = a row vector product: c [t,e] row i = sum over j of weight[j] * rows[j], rows `row` floats apart. */
INLINE void add_rows(size_t count, size_t e, const float *weight, size_t weight_step, const float *rows, size_t row,
	float *sum)
{
	for (size_t j = 0; j < count; j++)
		for (size_t k = 0; k < e; k++)
			sum[k] += weight[j * weight_step] * rows[j * row + k];
}

INLINE float dot(size_t e, const float *a, const float *b)
{
	float lane[LANES] = { 0 }, sum = 0;
	size_t k = 0;

	for (; k + LANES <= e; k += LANES)
		for (size_t l = 0; l < LANES; l++)
			lane[l] += a[k + l] * b[k + l];
	for (; k < e; k++)
		sum += a[k] * b[k];
	for (size_t l = 0; l < LANES; l++)
		sum += lane[l];
	return sum;
}

/* out[j] = scale * row . rows[j] */
INLINE void dots(size_t count, size_t e, float scale, const float *row, const float *rows, size_t stride, float *out)
{
	for (size_t j = 0; j < count; j++)
		out[j] = scale * dot(e, row, rows + j * stride);
}

/* q, k, v: rows 3d apart; y: rows d apart. */
SIMD static void head_forward(const struct attention *a, const float *q, float *p, float *y)
{
	size_t t = a->t, d = a->d, e = a->e;
	const float *k = q + d, *v = q + 2 * d;
	float scale = 1 / sqrtf((float)e);

	for (size_t i = 0; i < t; i++) {
		size_t seen = a->causal ? i + 1 : t;
		float *row = p + i * t;
		dots(seen, e, scale, q + i * 3 * d, k, 3 * d, row);
		softmax_row(seen, row, row);
		for (size_t c = 0; c < e; c++)
			y[i * d + c] = 0;
		add_rows(seen, e, row, 1, v, 3 * d, y + i * d);
	}
}

SIMD static void head_backward(const struct attention *a, const float *q, const float *p, const float *dy, float *ds,
	float *dq)
{
	size_t t = a->t, d = a->d, e = a->e;
	const float *k = q + d, *v = q + 2 * d;
	float *dk = dq + d, *dv = dq + 2 * d, scale = 1 / sqrtf((float)e);

	for (size_t i = 0; i < t; i++) {
		size_t seen = a->causal ? i + 1 : t;
		const float *row = p + i * t;
		dots(seen, e, 1, dy + i * d, v, 3 * d, ds);
		float mean = dot(seen, ds, row);
		for (size_t j = 0; j < seen; j++)
			ds[j] = row[j] * (ds[j] - mean) * scale;
		add_rows(seen, e, ds, 1, k, 3 * d, dq + i * 3 * d);
		for (size_t j = 0; j < seen; j++) {
			add_rows(1, e, ds + j, 1, q + i * 3 * d, 0, dk + j * 3 * d);
			add_rows(1, e, row + j, 1, dy + i * d, 0, dv + j * 3 * d);
		}
	}
}

static void forward_piece(void *context, size_t piece, size_t thread)
{
	const struct attention *a = context;
	size_t n = piece / a->heads, head = piece % a->heads;

	(void)thread;
	head_forward(a, a->qkv->data + n * a->t * 3 * a->d + head * a->e, a->p + piece * a->t * a->t,
		a->y->data + n * a->t * a->d + head * a->e);
}

static void backward_piece(void *context, size_t piece, size_t thread)
{
	const struct attention *a = context;
	size_t n = piece / a->heads, head = piece % a->heads, at = n * a->t * 3 * a->d + head * a->e;

	head_backward(a, a->qkv->data + at, a->p + piece * a->t * a->t,
		a->y->grad + n * a->t * a->d + head * a->e, a->scratch + thread * a->stride, a->qkv->grad + at);
}

static void backward(struct tape *tape, void *saved)
{
	struct attention *a = saved;

	a->stride = tape_stride(a->t);
	a->scratch = tape_scratch(tape, a->stride * pool_threads(tape->pool));
	if (!a->scratch)
		return;
	tensor_zero_unset(a->qkv);
	pool_run(tape->pool, a->qkv->shape[0] * a->heads, backward_piece, a);
}

struct tensor *op_attention(struct tape *tape, struct tensor *qkv, size_t heads, bool causal)
{
	struct attention a = { .qkv = qkv, .heads = heads, .causal = causal }, *saved;

	if (!qkv)
		return tape_fail(tape);
	assert(qkv->rank == 3 && heads && qkv->shape[2] % (3 * heads) == 0);
	a.t = qkv->shape[1];
	a.d = qkv->shape[2] / 3;
	a.e = a.d / heads;
	a.y = tape_result(tape, 3, (size_t[]){ qkv->shape[0], a.t, a.d }, qkv->grad);
	a.p = tape_floats(tape, qkv->shape[0] * heads * a.t * a.t);
	if (!a.y || !a.p || !(saved = tape_save(tape, &a, sizeof a)))
		return NULL;
	pool_run(tape->pool, qkv->shape[0] * heads, forward_piece, saved);
	tape_record(tape, a.y, backward, saved);
	return a.y;
}
