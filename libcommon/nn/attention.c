/* Multi-head self-attention of one sample and one head, q, k, v [t,e] with e = d / heads:
 *     p = softmax(q k' / sqrt(e)), row i over columns 0..i where causal      y = p v
 *     dp = dy v',  ds = p (dp - sum of dp p) / sqrt(e),  dq = ds k,  dk = ds' q,  dv = p' dy
 * qkv [n,t,3d], y [n,t,d].  A piece of work is one sample and one head.  p is kept for the backward; its rows, and those
 * of all [t,t] here, are `wide` floats long, zeros behind t. */
#include "nn/ops.h"
#include "nn/packed.h"
#include "nn/pieces.h"
#include "nn/simd.h"
#include "nn/softmax.h"

#include <assert.h>
#include <math.h>

struct attention {
	struct tensor *qkv, *y;
	const struct conv_kernels *kernels;
	float *p; /* [n,heads,t,wide] */
	size_t heads, t, wide, d, e;
	bool causal, add;
	float *scratch; /* [threads, stride] */
	size_t stride;
};

/* b [t,e] or its transpose [e,t], rows of b `row` floats apart, as the right-hand factor of products. */
static struct packed pack(const struct attention *a, const float *b, size_t row, float *memory)
{
	return packed_make(a->kernels, a->t, a->e, a->e, b, row, 1, 1, memory);
}

static struct packed pack_transposed(const struct attention *a, const float *b, size_t row, float factor, float *memory)
{
	return packed_make(a->kernels, a->e, a->wide, a->t, b, 1, row, factor, memory);
}

static size_t pack_floats(const struct attention *a)
{
	return packed_floats(a->kernels, a->t, a->e) + packed_floats(a->kernels, a->e, a->wide);
}

static float scale_of(const struct attention *a)
{
	return 1 / sqrtf((float)a->e);
}

static void softmax_rows(const struct attention *a, float *p)
{
	for (size_t i = 0; i < a->t; i++, p += a->wide) {
		size_t seen = a->causal ? i + 1 : a->t;
		softmax_row(seen, p, p, NULL);
		for (size_t j = seen; j < a->wide; j++)
			p[j] = 0;
	}
}

static void forward_piece(void *context, size_t piece, size_t thread)
{
	const struct attention *a = context;
	size_t n = piece / a->heads, head = piece % a->heads;
	const float *q = a->qkv->data + n * a->t * 3 * a->d + head * a->e, *k = q + a->d, *v = k + a->d;
	float *p = a->p + piece * a->t * a->wide, *memory = a->scratch + thread * a->stride;
	struct packed factor = pack_transposed(a, k, 3 * a->d, scale_of(a), memory);

	packed_multiply(&factor, a->t, q, 3 * a->d, false, p, a->wide);
	softmax_rows(a, p);
	factor = pack(a, v, 3 * a->d, memory);
	packed_multiply(&factor, a->t, p, a->wide, false, a->y->data + n * a->t * a->d + head * a->e, a->d);
}

INLINE float dot(size_t size, const float *a, const float *b)
{
	float lane[LANES] = { 0 }, sum = 0;

	for (size_t k = 0; k < size; k += LANES)
		for (size_t l = 0; l < LANES; l++)
			lane[l] += a[k + l] * b[k + l];
	for (size_t l = 0; l < LANES; l++)
		sum += lane[l];
	return sum;
}

/* dp -> ds, in place */
SIMD static void softmax_backward(size_t t, size_t wide, float scale, const float *p, float *ds)
{
	for (size_t i = 0; i < t; i++, p += wide, ds += wide) {
		float along = dot(wide, p, ds);
		for (size_t j = 0; j < wide; j++)
			ds[j] = p[j] * (ds[j] - along) * scale;
	}
}

static void transpose(size_t t, size_t wide, const float *from, float *to)
{
	for (size_t i = 0; i < t; i++)
		for (size_t j = 0; j < t; j++)
			to[j * wide + i] = from[i * wide + j];
}

static void backward_piece(void *context, size_t piece, size_t thread)
{
	const struct attention *a = context;
	size_t n = piece / a->heads, head = piece % a->heads, t = a->t, wide = a->wide, d = a->d;
	size_t at = n * t * 3 * d + head * a->e;
	const float *q = a->qkv->data + at, *k = q + d, *v = k + d, *p = a->p + piece * t * wide;
	const float *dy = a->y->grad + n * t * d + head * a->e;
	float *dq = a->qkv->grad + at, *dk = dq + d, *dv = dk + d;
	float *ds = a->scratch + thread * a->stride, *turned = ds + t * wide, *memory = turned + t * wide;

	struct packed factor = pack_transposed(a, v, 3 * d, 1, memory);
	packed_multiply(&factor, t, dy, d, false, ds, wide);
	softmax_backward(t, wide, scale_of(a), p, ds);

	factor = pack(a, k, 3 * d, memory);
	packed_multiply(&factor, t, ds, wide, a->add, dq, 3 * d);
	transpose(t, wide, ds, turned);
	factor = pack(a, q, 3 * d, memory);
	packed_multiply(&factor, t, turned, wide, a->add, dk, 3 * d);
	transpose(t, wide, p, turned);
	factor = pack(a, dy, d, memory);
	packed_multiply(&factor, t, turned, wide, a->add, dv, 3 * d);
}

static int take_scratch(struct tape *tape, struct attention *a)
{
	a->stride = tape_stride(2 * a->t * a->wide + pack_floats(a));
	a->scratch = tape_scratch(tape, a->stride * pool_threads(tape->pool));
	return a->scratch ? 0 : -1;
}

static void backward(struct tape *tape, void *saved)
{
	struct attention *a = saved;

	if (take_scratch(tape, a) || !tape_wants_grad(tape, a->qkv, &a->add))
		return;
	pool_run(tape->pool, a->qkv->shape[0] * a->heads, backward_piece, a);
}

struct tensor *op_attention(struct tape *tape, struct tensor *qkv, size_t heads, bool causal)
{
	struct attention a = { .qkv = qkv, .heads = heads, .causal = causal, .kernels = conv_kernels_best() }, *saved;

	if (!qkv)
		return tape_fail(tape);
	assert(qkv->rank == 3 && heads && qkv->shape[2] % (3 * heads) == 0);
	a.t = qkv->shape[1];
	a.wide = pieces_count(a.t, LANES) * LANES;
	a.d = qkv->shape[2] / 3;
	a.e = a.d / heads;
	a.y = tape_result(tape, 3, (size_t[]){ qkv->shape[0], a.t, a.d }, qkv->grad);
	a.p = tape_floats(tape, qkv->shape[0] * heads * a.t * a.wide);
	if (!a.y || !a.p || take_scratch(tape, &a) || !(saved = tape_save(tape, &a, sizeof a)))
		return NULL;
	pool_run(tape->pool, qkv->shape[0] * heads, forward_piece, saved);
	tape_record(tape, a.y, backward, saved);
	return a.y;
}
