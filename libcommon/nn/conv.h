/* Convolution without a tape: forward, and the gradients of input and weights.
 * x [n,height,width,c]  weight [out,kh,kw,c]  y [n,out_height,out_width,out]; square stride, zero padding, no bias.
 * `add`: adds to the result instead of storing.  Without memory for scratch, tape->failed is set. */
#ifndef NN_CONV_H
#define NN_CONV_H

#include "nn/microkernel.h"
#include "nn/tape.h"

struct conv_shape {
	size_t n, height, width, c;
	size_t out_height, out_width, out;
	size_t kh, kw, stride, pad;
};

/* y (+)= conv(x, weight) */
void conv_forward(struct tape *tape, const struct microkernel *kernels, const struct conv_shape *shape, const float *x, const float *weight,
	bool add, float *y);

/* dx (+)= the transposed convolution of dy */
void conv_backward_data(struct tape *tape, const struct microkernel *kernels, const struct conv_shape *shape, const float *dy,
	const float *weight, bool add, float *dx);

/* dweight (+)= sum over output pixels of dy times the patch of x that they read.  Two implementations, see
 * conv_weight_gradient.c: the first uses the microkernel, the second BLIS, which is faster for many channels. */
void conv_backward_weights(struct tape *tape, const struct microkernel *kernels, const struct conv_shape *shape, const float *x,
	const float *dy, bool add, float *dweight);
void conv_weight_gemm(struct tape *tape, const struct conv_shape *shape, const float *x, const float *dy, bool add, float *dweight);
bool conv_weight_gemm_pays(const struct conv_shape *shape);

#endif
