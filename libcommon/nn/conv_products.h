/* The gradient of a convolution's weights as large products, for whom they pay. */
#ifndef NN_CONV_PRODUCTS_H
#define NN_CONV_PRODUCTS_H

#include "nn/conv_shape.h"
#include "nn/tape.h"

/* Whether channels are many enough for BLIS to be faster than conv_weights' own kernels. */
bool conv_products_pay(const struct conv_shape *shape);

/* As conv_backward_weights. */
void conv_products(struct tape *tape, const struct conv_shape *shape, const float *x, const float *dy, bool add, float *dweight);

#endif
