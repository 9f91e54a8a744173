/* Average pooling of k x k squares that do not overlap; what is left over at the right and the bottom is dropped.
 * The global one is the same with one square as large as the image. */
#include "nn/ops.h"
#include "nn/pieces.h"
#include "nn/simd.h"

#include <assert.h>
#include <string.h>

struct pooling {
	struct tensor *x, *y;        /* x [n,h,w,c] */
	size_t high, wide;           /* of a square */
	size_t out_height, out_width;
	bool add;
};

SIMD static void add_scaled(size_t size, const float *x, float factor, float *y)
{
	for (size_t i = 0; i < size; i++)
		y[i] += factor * x[i];
}

SIMD static void store_scaled(size_t size, const float *x, float factor, float *y)
{
	for (size_t i = 0; i < size; i++)
		y[i] = factor * x[i];
}

/* The first pixel of the square of output pixel (line, i); line counts through all images. */
static size_t corner(const struct pooling *p, size_t line, size_t i)
{
	size_t image = line / p->out_height, y = line % p->out_height * p->high;

	return ((image * p->x->shape[1] + y) * p->x->shape[2] + i * p->wide) * p->x->shape[3];
}

/* A piece is one line of output. */
static void forward_piece(void *context, size_t line, size_t thread)
{
	const struct pooling *p = context;
	size_t c = p->x->shape[3], next = p->x->shape[2] * c;
	float share = 1 / (float)(p->high * p->wide);

	(void)thread;
	for (size_t i = 0; i < p->out_width; i++) {
		const float *square = p->x->data + corner(p, line, i);
		float *mean = p->y->data + (line * p->out_width + i) * c;
		store_scaled(c, square, share, mean);
		for (size_t k = 1; k < p->high * p->wide; k++)
			add_scaled(c, square + k / p->wide * next + k % p->wide * c, share, mean);
	}
}

/* Nothing of what was dropped is reached below. */
static void zero_edges(const struct pooling *p)
{
	if (p->x->shape[1] % p->high || p->x->shape[2] % p->wide)
		memset(p->x->grad, 0, tensor_size(p->x) * sizeof *p->x->grad);
}

static void backward_piece(void *context, size_t line, size_t thread)
{
	const struct pooling *p = context;
	size_t c = p->x->shape[3], next = p->x->shape[2] * c;
	float share = 1 / (float)(p->high * p->wide);

	(void)thread;
	for (size_t i = 0; i < p->out_width; i++) {
		float *square = p->x->grad + corner(p, line, i);
		const float *mean = p->y->grad + (line * p->out_width + i) * c;
		for (size_t k = 0; k < p->high * p->wide; k++)
			(p->add ? add_scaled : store_scaled)(
				c, mean, share, square + k / p->wide * next + k % p->wide * c);
	}
}

static void backward(struct tape *tape, void *saved)
{
	struct pooling *p = saved;

	p->add = tensor_begin_grad(p->x);
	if (!p->add)
		zero_edges(p);
	pool_run(tape->pool, p->x->shape[0] * p->out_height, backward_piece, p);
}

static struct tensor *average(struct tape *tape, struct pooling p, size_t rank, const size_t *shape)
{
	struct pooling *saved;

	p.y = tape_result(tape, rank, shape, p.x->grad);
	if (!p.y || !(saved = tape_save(tape, &p, sizeof p)))
		return NULL;
	pool_run(tape->pool, p.x->shape[0] * p.out_height, forward_piece, saved);
	tape_record(tape, p.y, backward, saved);
	return p.y;
}

struct tensor *op_avg_pool2d(struct tape *tape, struct tensor *x, size_t k)
{
	if (!x)
		return tape_fail(tape);
	assert(x->rank == 4 && k);
	const size_t shape[] = { x->shape[0], x->shape[1] / k, x->shape[2] / k, x->shape[3] };
	return average(tape, (struct pooling){ x, NULL, k, k, shape[1], shape[2], false }, 4, shape);
}

struct tensor *op_global_avg_pool(struct tape *tape, struct tensor *x)
{
	if (!x)
		return tape_fail(tape);
	assert(x->rank == 4 && x->shape[1] && x->shape[2]);
	const size_t shape[] = { x->shape[0], x->shape[3] };
	return average(tape, (struct pooling){ x, NULL, x->shape[1], x->shape[2], 1, 1, false }, 2, shape);
}
