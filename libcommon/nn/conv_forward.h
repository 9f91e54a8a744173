/* Convolution and its transpose, both as a gather: each pixel of the target is the sum, over taps, of a pixel of the
 * source times a [run, channels] matrix of weights. */
#ifndef NN_CONV_FORWARD_H
#define NN_CONV_FORWARD_H

#include "nn/microkernel.h"
#include "nn/conv_grid.h"
#include "nn/tape.h"

/* y (+)= conv(x, weight), and dx (+)= its transpose of dy.  Where there is no memory the tape has failed. */
void conv_forward(struct tape *tape, const struct microkernel *kernels, const struct conv_shape *shape, const float *x, const float *weight,
	bool add, float *y);
void conv_backward_data(struct tape *tape, const struct microkernel *kernels, const struct conv_shape *shape, const float *dy,
	const float *weight, bool add, float *dx);

#endif
