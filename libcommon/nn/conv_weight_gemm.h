/* The gradient of a convolution's weights as large products, for whom they pay. */
#ifndef NN_CONV_WEIGHT_GEMM_H
#define NN_CONV_WEIGHT_GEMM_H

#include "nn/conv_shape.h"
#include "nn/tape.h"

/* Whether channels are many enough for BLIS to be faster than the kernels of conv_weight_gradient. */
bool conv_weight_gemm_pays(const struct conv_shape *shape);

/* As conv_backward_weights. */
void conv_weight_gemm(struct tape *tape, const struct conv_shape *shape, const float *x, const float *dy, bool add, float *dweight);

#endif
