/* Small matrix products by the convolution's kernels: b [k,columns] is packed once, then
 *     c [rows,columns] (+)= a [rows,k] b
 * For factors of a few thousand floats, where BLIS's way to its kernel costs more than the kernel. */
#ifndef NN_PACKED_H
#define NN_PACKED_H

#include "nn/microkernel.h"

struct packed {
	const struct microkernel *kernels;
	size_t k, columns;
	float *panels; /* [panels][k, width] */
};

/* Floats for the panels, and for a tile behind them. */
size_t packed_floats(const struct microkernel *kernels, size_t k, size_t columns);

/* b times factor, its rows and columns `row` and `column` floats apart, into `memory` (packed_floats of it).  Columns
 * from `given` on are zeros. */
struct packed packed_make(const struct microkernel *kernels, size_t k, size_t columns, size_t given, const float *b, size_t row,
	size_t column, float factor, float *memory);

/* Rows of a and c lie a_row and c_row floats apart. */
void packed_multiply(const struct packed *b, size_t rows, const float *a, size_t a_row, bool add, float *c, size_t c_row);

#endif
