/* y = conv(x, weight); the sums are in conv_forward, conv_weight_gradient and conv_weight_gemm. */
#include "nn/conv_forward.h"
#include "nn/conv_weight_gradient.h"
#include "nn/ops.h"

#include <assert.h>

struct conv {
	struct tensor *x, *weight, *y;
	struct conv_shape shape;
	const struct microkernel *kernels;
};

static void conv_backward(struct tape *tape, void *saved)
{
	struct conv *c = saved;
	bool add;

	if (tape_wants_grad(tape, c->x, &add))
		conv_backward_data(tape, c->kernels, &c->shape, c->y->grad, c->weight->data, add, c->x->grad);
	if (!tape_wants_grad(tape, c->weight, &add))
		return;
	if (conv_weight_gemm_pays(&c->shape))
		conv_weight_gemm(tape, &c->shape, c->x->data, c->y->grad, add, c->weight->grad);
	else
		conv_backward_weights(tape, c->kernels, &c->shape, c->x->data, c->y->grad, add, c->weight->grad);
}

static struct conv_shape conv_shape_of(const struct tensor *x, const struct tensor *weight, size_t stride, size_t pad)
{
	struct conv_shape s = { .n = x->shape[0],
		.height = x->shape[1],
		.width = x->shape[2],
		.c = x->shape[3],
		.out = weight->shape[0],
		.kh = weight->shape[1],
		.kw = weight->shape[2],
		.stride = stride,
		.pad = pad };

	assert(x->rank == 4 && weight->rank == 4 && weight->shape[3] == s.c && stride);
	assert(s.kh && s.kw && s.height + 2 * pad >= s.kh && s.width + 2 * pad >= s.kw);
	s.out_height = (s.height + 2 * pad - s.kh) / stride + 1;
	s.out_width = (s.width + 2 * pad - s.kw) / stride + 1;
	return s;
}

struct tensor *op_conv2d(struct tape *tape, struct tensor *x, struct tensor *weight, size_t stride, size_t pad)
{
	struct conv c = { .x = x, .weight = weight, .kernels = microkernel_best() }, *saved;

	if (!x || !weight)
		return tape_fail(tape);
	c.shape = conv_shape_of(x, weight, stride, pad);
	c.y = tape_result(
		tape, 4, (size_t[]){ c.shape.n, c.shape.out_height, c.shape.out_width, c.shape.out }, x->wants_grad || weight->wants_grad);
	if (!c.y || !(saved = tape_save(tape, &c, sizeof c)))
		return NULL;
	tape->flops += 2. * (double)tensor_size(c.y) * (double)(c.shape.kh * c.shape.kw * c.shape.c);
	conv_forward(tape, c.kernels, &c.shape, x->data, weight->data, false, c.y->data);
	tape_record(tape, c.y, conv_backward, saved);
	return tape->failed ? NULL : c.y;
}
