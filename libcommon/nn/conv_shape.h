/* What a convolution is: x [n,height,width,c], weight [out,kh,kw,c] -> y [n,out_height,out_width,out]. */
#ifndef NN_CONV_SHAPE_H
#define NN_CONV_SHAPE_H

#include <stddef.h>

struct conv_shape {
	size_t n, height, width, c;
	size_t out_height, out_width, out;
	size_t kh, kw, stride, pad;
};

/* A run of weights, and the pixel of x it meets first: that of output pixel (0, 0), which may lie outside of x. */
struct conv_tap {
	ptrdiff_t row, column;
	size_t weights; /* floats from the start of a filter */
};

#endif
