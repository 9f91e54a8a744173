/* Average pooling.  x [n,h,w,c] -> y [n,h/k,w/k,c]: means of k x k squares that do not overlap; pixels beyond the last whole square
 * are ignored, as in PyTorch.  Global average pooling uses one rectangle as large as the image. */
#include "nn/ops.h"
#include "core/parallel.h"

#include <assert.h>
#include <string.h>

struct pooling {
	struct tensor *x, *y;        /* x [n,h,w,c] */
	size_t kh, kw;           /* of a rectangle, in pixels */
	size_t out_height, out_width;
	bool add;
};

enum { LANES = 16 };

/* At most LANES channels of one rectangle. */
INLINE void mean(size_t channels, size_t kh, size_t kw, size_t c, size_t next, const float *restrict x, float *restrict y)
{
	float sum[LANES] = { 0 }, share = 1 / (float)(kh * kw);

	for (size_t i = 0; i < kh; i++)
		for (size_t j = 0; j < kw; j++)
			for (size_t k = 0; k < channels; k++)
				sum[k] += x[i * next + j * c + k];
	for (size_t k = 0; k < channels; k++)
		y[k] = share * sum[k];
}

INLINE void means_of(size_t count, size_t kh, size_t kw, size_t c, size_t next, const float *x, float *y)
{
	for (size_t i = 0; i < count; i++, x += kw * c, y += c) {
		size_t k = 0;
		for (; k + LANES <= c; k += LANES)
			mean(LANES, kh, kw, c, next, x + k, y + k);
		if (k < c)
			mean(c - k, kh, kw, c, next, x + k, y + k);
	}
}

/* The means of `count` rectangles side by side.  next: floats from one line of the image to the next.
 * The usual square, 2 x 2, has unrolled loops of its own. */
SIMD static void means(size_t count, size_t kh, size_t kw, size_t c, size_t next, const float *x, float *y)
{
	if (kh == 2 && kw == 2)
		means_of(count, 2, 2, c, next, x, y);
	else
		means_of(count, kh, kw, c, next, x, y);
}

SIMD static void pool_means_backward(
	size_t count, size_t kh, size_t kw, size_t c, size_t next, const float *restrict dy, bool add, float *restrict dx)
{
	float share = 1 / (float)(kh * kw);

	for (size_t i = 0; i < count; i++, dx += kw * c, dy += c)
		for (size_t s = 0; s < kh * kw; s++) {
			float *to = dx + s / kw * next + s % kw * c;
			if (add)
				for (size_t k = 0; k < c; k++)
					to[k] += share * dy[k];
			else
				for (size_t k = 0; k < c; k++)
					to[k] = share * dy[k];
		}
}

/* A piece is one line of output, counted through all images.  The offset of its first rectangle: */
static size_t first_square(const struct pooling *p, size_t line)
{
	size_t image = line / p->out_height, row = line % p->out_height * p->kh;

	return (image * p->x->shape[1] + row) * p->x->shape[2] * p->x->shape[3];
}

static void pool_forward_piece(void *context, size_t line, size_t thread)
{
	const struct pooling *p = context;
	size_t c = p->x->shape[3];

	(void)thread;
	means(p->out_width, p->kh, p->kw, c, p->x->shape[2] * c, p->x->data + first_square(p, line), p->y->data + line * p->out_width * c);
}

/* The pieces do not write the pixels that were ignored. */
static void zero_edges(const struct pooling *p)
{
	if (p->x->shape[1] % p->kh || p->x->shape[2] % p->kw)
		memset(p->x->grad, 0, tensor_size(p->x) * sizeof *p->x->grad);
}

static void pool_backward_piece(void *context, size_t line, size_t thread)
{
	const struct pooling *p = context;
	size_t c = p->x->shape[3];

	(void)thread;
	pool_means_backward(p->out_width, p->kh, p->kw, c, p->x->shape[2] * c, p->y->grad + line * p->out_width * c, p->add,
		p->x->grad + first_square(p, line));
}

static void pool_backward(struct tape *tape, void *saved)
{
	struct pooling *p = saved;

	if (!tape_wants_grad(tape, p->x, &p->add))
		return;
	if (!p->add)
		zero_edges(p);
	pool_run(tape->pool, p->x->shape[0] * p->out_height, pool_backward_piece, p);
}

static struct tensor *pool_average(struct tape *tape, struct pooling p, size_t rank, const size_t *shape)
{
	struct pooling *saved;

	p.y = tape_result(tape, rank, shape, p.x->wants_grad);
	if (!p.y || !(saved = tape_save(tape, &p, sizeof p)))
		return NULL;
	pool_run(tape->pool, p.x->shape[0] * p.out_height, pool_forward_piece, saved);
	tape_record(tape, p.y, pool_backward, saved);
	return p.y;
}

struct tensor *op_avg_pool2d(struct tape *tape, struct tensor *x, size_t k)
{
	if (!x)
		return tape_fail(tape);
	assert(x->rank == 4 && k);
	const size_t shape[] = { x->shape[0], x->shape[1] / k, x->shape[2] / k, x->shape[3] };
	return pool_average(tape, (struct pooling){ x, NULL, k, k, shape[1], shape[2], false }, 4, shape);
}

struct tensor *op_global_avg_pool(struct tape *tape, struct tensor *x)
{
	if (!x)
		return tape_fail(tape);
	assert(x->rank == 4 && x->shape[1] && x->shape[2]);
	const size_t shape[] = { x->shape[0], x->shape[3] };
	return pool_average(tape, (struct pooling){ x, NULL, x->shape[1], x->shape[2], 1, 1, false }, 2, shape);
}
