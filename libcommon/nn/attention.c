/* Multi-head attention of one sample and one head, q [r,e], k, v [t,e] with e = d / heads:
 *     p = softmax(q k' / sqrt(e)), row i over columns 0..i where causal      y = p v
 *     dp = dy v',  ds = p (dp - sum of dp p) / sqrt(e),  dq = ds k,  dk = ds' q,  dv = p' dy
 * q, k and v are columns of [n,t,3d], or tensors of their own: q [n,r,d] or [n r,d], k, v [n,t,d].  y is as q.  A piece of work is
 * one sample and one head.  p is kept for the backward; its rows, and those of all [r,t] here, are `wide` floats long,
 * zeros behind t, as rows of [t,r] are `high` floats. */
#include "nn/ops.h"
#include "nn/packed.h"
#include "nn/pieces.h"
#include "core/simd.h"
#include "nn/softmax.h"

#include <assert.h>
#include <math.h>

/* q, k or v: columns from `first` on of a tensor with rows of `row` floats. */
struct part {
	struct tensor *tensor;
	size_t first, row;
	bool wanted, add; /* its gradient */
};

struct attention {
	struct part q, k, v;
	struct tensor *y;
	const struct microkernel *kernels;
	float *p; /* [n,heads,r,wide] */
	size_t n, heads, r, t, wide, high, d, e;
	bool causal;
	float *scratch; /* [threads, stride] */
	size_t stride;
};

/* Floats from the start of a part's tensor to the rows of one sample and one head. */
static size_t place(const struct attention *a, const struct part *part, size_t rows, size_t piece)
{
	return piece / a->heads * rows * part->row + part->first + piece % a->heads * a->e;
}

/* b [rows,e], its rows `row` floats apart, as the right-hand factor of products; or its transpose. */
static struct packed attention_pack(const struct attention *a, size_t rows, const float *b, size_t row, float *memory)
{
	return packed_make(a->kernels, rows, a->e, a->e, b, row, 1, 1, memory);
}

static struct packed attention_pack_transposed(const struct attention *a, const float *b, size_t row, float factor, float *memory)
{
	return packed_make(a->kernels, a->e, a->wide, a->t, b, 1, row, factor, memory);
}

static size_t attention_pack_floats(const struct attention *a)
{
	size_t rows = a->r > a->t ? a->r : a->t;

	return packed_floats(a->kernels, rows, a->e) + packed_floats(a->kernels, a->e, a->wide);
}

static float scale_of(const struct attention *a)
{
	return 1 / sqrtf((float)a->e);
}

static void attention_softmax_rows(const struct attention *a, float *p)
{
	for (size_t i = 0; i < a->r; i++, p += a->wide) {
		size_t seen = a->causal ? i + 1 : a->t;
		softmax_row(seen, p, p, NULL);
		for (size_t j = seen; j < a->wide; j++)
			p[j] = 0;
	}
}

static void attention_forward_piece(void *context, size_t piece, size_t thread)
{
	const struct attention *a = context;
	const float *q = a->q.tensor->data + place(a, &a->q, a->r, piece);
	const float *k = a->k.tensor->data + place(a, &a->k, a->t, piece);
	const float *v = a->v.tensor->data + place(a, &a->v, a->t, piece);
	float *p = a->p + piece * a->r * a->wide, *memory = a->scratch + thread * a->stride;
	float *y = a->y->data + piece / a->heads * a->r * a->d + piece % a->heads * a->e;
	struct packed factor = attention_pack_transposed(a, k, a->k.row, scale_of(a), memory);

	packed_multiply(&factor, a->r, q, a->q.row, false, p, a->wide);
	attention_softmax_rows(a, p);
	factor = attention_pack(a, a->t, v, a->v.row, memory);
	packed_multiply(&factor, a->r, p, a->wide, false, y, a->d);
}

INLINE float attention_dot(size_t size, const float *a, const float *b)
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
SIMD static void attention_softmax_backward(size_t rows, size_t wide, float scale, const float *p, float *ds)
{
	for (size_t i = 0; i < rows; i++, p += wide, ds += wide) {
		float along = attention_dot(wide, p, ds);
		for (size_t j = 0; j < wide; j++)
			ds[j] = p[j] * (ds[j] - along) * scale;
	}
}

/* from [r,t] -> to [t,r] */
static void attention_transpose(const struct attention *a, const float *from, float *to)
{
	for (size_t i = 0; i < a->r; i++)
		for (size_t j = 0; j < a->t; j++)
			to[j * a->high + i] = from[i * a->wide + j];
}

/* The gradient of a part (+)= left [rows, inner] right [inner, e]; left's rows are `left_row` floats apart. */
static void attention_add_product(const struct attention *a, const struct part *part, size_t rows, size_t piece, const float *left,
	size_t left_row, size_t inner, const float *right, size_t right_row, float *memory)
{
	struct packed factor = attention_pack(a, inner, right, right_row, memory);

	packed_multiply(&factor, rows, left, left_row, part->add, part->tensor->grad + place(a, part, rows, piece), part->row);
}

static void attention_backward_piece(void *context, size_t piece, size_t thread)
{
	const struct attention *a = context;
	const float *q = a->q.tensor->data + place(a, &a->q, a->r, piece);
	const float *k = a->k.tensor->data + place(a, &a->k, a->t, piece);
	const float *v = a->v.tensor->data + place(a, &a->v, a->t, piece);
	const float *p = a->p + piece * a->r * a->wide;
	const float *dy = a->y->grad + piece / a->heads * a->r * a->d + piece % a->heads * a->e;
	float *ds = a->scratch + thread * a->stride, *turned = ds + a->r * a->wide, *memory = turned + a->t * a->high;

	struct packed factor = attention_pack_transposed(a, v, a->v.row, 1, memory);
	packed_multiply(&factor, a->r, dy, a->d, false, ds, a->wide);
	attention_softmax_backward(a->r, a->wide, scale_of(a), p, ds);

	if (a->q.wanted)
		attention_add_product(a, &a->q, a->r, piece, ds, a->wide, a->t, k, a->k.row, memory);
	if (a->k.wanted) {
		attention_transpose(a, ds, turned);
		attention_add_product(a, &a->k, a->t, piece, turned, a->high, a->r, q, a->q.row, memory);
	}
	if (a->v.wanted) {
		attention_transpose(a, p, turned);
		attention_add_product(a, &a->v, a->t, piece, turned, a->high, a->r, dy, a->d, memory);
	}
}

static int take_scratch(struct tape *tape, struct attention *a)
{
	a->stride = tape_stride(a->r * a->wide + a->t * a->high + attention_pack_floats(a));
	a->scratch = tape_scratch(tape, a->stride * pool_threads(tape->pool));
	return a->scratch ? 0 : -1;
}

/* Parts of one tensor are asked for once: no two overlap. */
static void want(struct tape *tape, struct part *part, const struct part *before)
{
	if (before && before->tensor == part->tensor) {
		part->wanted = before->wanted;
		part->add = before->add;
	} else {
		part->wanted = tape_wants_grad(tape, part->tensor, &part->add);
	}
}

static void attention_backward(struct tape *tape, void *saved)
{
	struct attention *a = saved;

	if (take_scratch(tape, a))
		return;
	want(tape, &a->q, NULL);
	want(tape, &a->k, &a->q);
	want(tape, &a->v, &a->k);
	if (!tape->failed)
		pool_run(tape->pool, a->n * a->heads, attention_backward_piece, a);
}

static struct tensor *attention_apply(struct tape *tape, struct attention a)
{
	struct attention *saved;

	a.kernels = microkernel_best();
	a.e = a.d / a.heads;
	a.wide = pieces_count(a.t, LANES) * LANES;
	a.high = pieces_count(a.r, LANES) * LANES;
	size_t shape[TENSOR_RANK] = { a.n, a.r, a.d };
	if (a.q.tensor->rank == 2) {
		shape[0] *= a.r;
		shape[1] = a.d;
	}
	a.y = tape_result(tape, a.q.tensor->rank, shape, a.q.tensor->wants_grad || a.k.tensor->wants_grad || a.v.tensor->wants_grad);
	a.p = tape_floats(tape, a.n * a.heads * a.r * a.wide);
	if (!a.y || !a.p || take_scratch(tape, &a) || !(saved = tape_save(tape, &a, sizeof a)))
		return NULL;
	tape->flops += 4. * (double)tensor_size(a.y) * (double)a.t;
	pool_run(tape->pool, a.n * a.heads, attention_forward_piece, saved);
	tape_record(tape, a.y, attention_backward, saved);
	return a.y;
}

struct tensor *op_attention(struct tape *tape, struct tensor *qkv, size_t heads, bool causal)
{
	if (!qkv)
		return tape_fail(tape);
	assert(qkv->rank == 3 && heads && qkv->shape[2] % (3 * heads) == 0);
	size_t t = qkv->shape[1], d = qkv->shape[2] / 3;
	return attention_apply(tape, (struct attention){ .q = { qkv, 0, 3 * d },
					     .k = { qkv, d, 3 * d },
					     .v = { qkv, 2 * d, 3 * d },
					     .n = qkv->shape[0],
					     .heads = heads,
					     .r = t,
					     .t = t,
					     .d = d,
					     .causal = causal });
}

struct tensor *op_cross_attention(struct tape *tape, struct tensor *q, struct tensor *k, struct tensor *v, size_t heads)
{
	if (!q || !k || !v)
		return tape_fail(tape);
	size_t n = k->shape[0], d = tensor_columns(q);
	assert(q != k && k != v && q != v && heads && d % heads == 0 && tensor_rows(q) % n == 0);
	assert(k->rank == 3 && v->rank == 3 && k->shape[2] == d && tensor_size(v) == tensor_size(k));
	return attention_apply(tape, (struct attention){ .q = { q, 0, d },
					     .k = { k, 0, d },
					     .v = { v, 0, d },
					     .n = n,
					     .heads = heads,
					     .r = tensor_rows(q) / n,
					     .t = k->shape[1],
					     .d = d });
}
