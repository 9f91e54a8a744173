/* Rows of numbers to probabilities. */
#ifndef NN_SOFTMAX_H
#define NN_SOFTMAX_H

#include <stddef.h>

/* y[i] = exp(x[i] - max) / sum; y may be x.  log_sum (may be NULL): log of the sum of exp(x[i]).  size >= 1. */
void softmax_row(size_t size, const float *x, float *y, double *log_sum);

/* The sums a reduction is spread over, so that it is SIMD in any compiler: lane l takes elements l, l + LANES .. */
enum { LANES = 16 };

#endif
