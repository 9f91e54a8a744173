/* Sums over rows, by column: the rows are cut in at most PARTIALS runs, each is summed by itself, and the sums are added
 * in order.  The cut depends on the shape alone, hence so do the bits. */
#ifndef NN_PARTIALS_H
#define NN_PARTIALS_H

#include <stdbool.h>
#include <stddef.h>

enum { PARTIALS = 32 };

size_t partials_rows(size_t rows, size_t columns);  /* in a run */
size_t partials_count(size_t rows, size_t columns); /* runs, at most PARTIALS */

/* sum[j] (+)= the sum over i of partial[i * stride + j] */
void partials_sum(size_t count, size_t columns, const float *partial, size_t stride, bool add, float *sum);

#endif
