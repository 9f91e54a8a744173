/* Multi-head attention.  For one sample and one head, with q [r,e], k, v [t,e] and e = d / heads:
 *     p = softmax(q k' / sqrt(e))  [r,t], row i over columns 0..i if causal        y = p v
 *     dp = dy v',  ds = p (dp - sum of dp p) / sqrt(e),  dq = ds k,  dk = ds' q,  dv = p' dy
 * q, k and v are columns of one tensor [n,t,3d], or three tensors: q [n,r,d] or [n r,d], k, v [n,t,d].  y has the shape of q.
 * p is saved for the backward.  Rows of [r,t] matrices are padded with zeros to `t_padded` floats, those of [t,r] to `r_padded`.
 * A piece of work is one sample and one head. */
#include "nn/ops.h"
#include "nn/microkernel.h"
#include "core/parallel.h"
#include "nn/softmax.h"

#include <assert.h>
#include <math.h>

/* q, k or v: the d columns from `first` on of a tensor with rows of `row` floats. */
struct part {
	struct tensor *tensor;
	size_t first, row;
	bool wanted, add; /* whether its gradient is computed, and added to or stored */
};

struct attention {
	struct part q, k, v;
	struct tensor *y;
	const struct microkernel *kernels;
	float *p; /* [n,heads,r,t_padded] */
	size_t n, heads, r, t, t_padded, r_padded, d, e;
	bool causal;
	float *scratch; /* [threads, stride] */
	size_t stride;
};

/* Offset in a part's tensor of the rows of one sample and one head. */
static size_t piece_offset(const struct attention *a, const struct part *part, size_t rows, size_t piece)
{
	return piece / a->heads * rows * part->row + part->first + piece % a->heads * a->e;
}

/* b [rows,e], with a row stride of `row` floats, packed as the right-hand factor of products; or its transpose. */
static struct packed attention_pack(const struct attention *a, size_t rows, const float *b, size_t row, float *memory)
{
	return packed_make(a->kernels, rows, a->e, a->e, b, row, 1, 1, memory);
}

static struct packed attention_pack_transposed(const struct attention *a, const float *b, size_t row, float factor, float *memory)
{
	return packed_make(a->kernels, a->e, a->t_padded, a->t, b, 1, row, factor, memory);
}

static size_t attention_pack_floats(const struct attention *a)
{
	size_t rows = a->r > a->t ? a->r : a->t;

	return packed_floats(a->kernels, rows, a->e) + packed_floats(a->kernels, a->e, a->t_padded);
}

static float scale_of(const struct attention *a)
{
	return 1 / sqrtf((float)a->e);
}

static void attention_softmax_rows(const struct attention *a, float *p)
{
	for (size_t i = 0; i < a->r; i++, p += a->t_padded) {
		size_t seen = a->causal ? i + 1 : a->t;
		softmax_row(seen, p, p, NULL);
		for (size_t j = seen; j < a->t_padded; j++)
			p[j] = 0;
	}
}

static void attention_forward_piece(void *context, size_t piece, size_t thread)
{
	const struct attention *a = context;
	const float *q = a->q.tensor->data + piece_offset(a, &a->q, a->r, piece);
	const float *k = a->k.tensor->data + piece_offset(a, &a->k, a->t, piece);
	const float *v = a->v.tensor->data + piece_offset(a, &a->v, a->t, piece);
	float *p = a->p + piece * a->r * a->t_padded, *memory = a->scratch + thread * a->stride;
	float *y = a->y->data + piece / a->heads * a->r * a->d + piece % a->heads * a->e;
	struct packed factor = attention_pack_transposed(a, k, a->k.row, scale_of(a), memory);

	packed_multiply(&factor, a->r, q, a->q.row, false, p, a->t_padded);
	attention_softmax_rows(a, p);
	factor = attention_pack(a, a->t, v, a->v.row, memory);
	packed_multiply(&factor, a->r, p, a->t_padded, false, y, a->d);
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
SIMD static void attention_softmax_backward(size_t rows, size_t t_padded, float scale, const float *p, float *ds)
{
	for (size_t i = 0; i < rows; i++, p += t_padded, ds += t_padded) {
		float dot = attention_dot(t_padded, p, ds);
		for (size_t j = 0; j < t_padded; j++)
			ds[j] = p[j] * (ds[j] - dot) * scale;
	}
}

/* from [r,t] -> to [t,r] */
static void attention_transpose(const struct attention *a, const float *from, float *to)
{
	for (size_t i = 0; i < a->r; i++)
		for (size_t j = 0; j < a->t; j++)
			to[j * a->r_padded + i] = from[i * a->t_padded + j];
}

/* The gradient of a part (+)= left [rows, inner] right [inner, e].  left_row, right_row: row strides in floats. */
static void attention_add_product(const struct attention *a, const struct part *part, size_t rows, size_t piece, const float *left,
	size_t left_row, size_t inner, const float *right, size_t right_row, float *memory)
{
	struct packed factor = attention_pack(a, inner, right, right_row, memory);

	packed_multiply(&factor, rows, left, left_row, part->add, part->tensor->grad + piece_offset(a, part, rows, piece), part->row);
}

static void attention_backward_piece(void *context, size_t piece, size_t thread)
{
	const struct attention *a = context;
	const float *q = a->q.tensor->data + piece_offset(a, &a->q, a->r, piece);
	const float *k = a->k.tensor->data + piece_offset(a, &a->k, a->t, piece);
	const float *v = a->v.tensor->data + piece_offset(a, &a->v, a->t, piece);
	const float *p = a->p + piece * a->r * a->t_padded;
	const float *dy = a->y->grad + piece / a->heads * a->r * a->d + piece % a->heads * a->e;
	float *ds = a->scratch + thread * a->stride, *transposed = ds + a->r * a->t_padded, *memory = transposed + a->t * a->r_padded;

	struct packed factor = attention_pack_transposed(a, v, a->v.row, 1, memory);
	packed_multiply(&factor, a->r, dy, a->d, false, ds, a->t_padded);
	attention_softmax_backward(a->r, a->t_padded, scale_of(a), p, ds);

	if (a->q.wanted)
		attention_add_product(a, &a->q, a->r, piece, ds, a->t_padded, a->t, k, a->k.row, memory);
	if (a->k.wanted) {
		attention_transpose(a, ds, transposed);
		attention_add_product(a, &a->k, a->t, piece, transposed, a->r_padded, a->r, q, a->q.row, memory);
	}
	if (a->v.wanted) {
		attention_transpose(a, p, transposed);
		attention_add_product(a, &a->v, a->t, piece, transposed, a->r_padded, a->r, dy, a->d, memory);
	}
}

static int take_scratch(struct tape *tape, struct attention *a)
{
	a->stride = tape_stride(a->r * a->t_padded + a->t * a->r_padded + attention_pack_floats(a));
	a->scratch = tape_scratch(tape, a->stride * pool_threads(tape->pool));
	return a->scratch ? 0 : -1;
}

/* Parts of the same tensor do not overlap, so they share one answer. */
static void part_wants_grad(struct tape *tape, struct part *part, const struct part *before)
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
	part_wants_grad(tape, &a->q, NULL);
	part_wants_grad(tape, &a->k, &a->q);
	part_wants_grad(tape, &a->v, &a->k);
	if (!tape->failed)
		pool_run(tape->pool, a->n * a->heads, attention_backward_piece, a);
}

static struct tensor *attention_apply(struct tape *tape, struct attention a)
{
	struct attention *saved;

	a.kernels = microkernel_best();
	a.e = a.d / a.heads;
	a.t_padded = pieces_count(a.t, LANES) * LANES;
	a.r_padded = pieces_count(a.r, LANES) * LANES;
	size_t shape[TENSOR_RANK] = { a.n, a.r, a.d };
	if (a.q.tensor->rank == 2) {
		shape[0] *= a.r;
		shape[1] = a.d;
	}
	a.y = tape_result(tape, a.q.tensor->rank, shape, a.q.tensor->wants_grad || a.k.tensor->wants_grad || a.v.tensor->wants_grad);
	a.p = tape_floats(tape, a.n * a.heads * a.r * a.t_padded);
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
