/* The gradient of a convolution's weights. */
#ifndef NN_CONV_WEIGHT_GRADIENT_H
#define NN_CONV_WEIGHT_GRADIENT_H

#include "nn/microkernel.h"
#include "nn/conv_grid.h"
#include "nn/tape.h"

/* dweight [out,kh,kw,c] (+)= sum over output pixels of dy times the patch of x.  Where there is no memory the tape has
 * failed. */
void conv_backward_weights(struct tape *tape, const struct microkernel *kernels, const struct conv_shape *shape, const float *x,
	const float *dy, bool add, float *dweight);

/* Whether channels are many enough for BLIS to be faster than the kernels of conv_weight_gradient. */
bool conv_weight_gemm_pays(const struct conv_shape *shape);

/* As conv_backward_weights, by large matrix products. */
void conv_weight_gemm(struct tape *tape, const struct conv_shape *shape, const float *x, const float *dy, bool add, float *dweight);

#endif
