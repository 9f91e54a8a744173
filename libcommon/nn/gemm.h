/* Matrix products by BLIS: the only file that knows it.
 *
 * A matrix is an address and two strides, so that a transpose costs nothing to say. */
#ifndef NN_GEMM_H
#define NN_GEMM_H

#include "core/parallel.h"

#include <stdbool.h>

struct matrix {
	const float *data;
	size_t row, column; /* floats from one row, one column, to the next */
};

/* Takes BLIS's kernels for this CPU, also where this release of BLIS does not know the CPU and would fall back to plain
 * C (a factor of 5): it then sets BLIS_ARCH_TYPE in the environment, unless the user has.  Call it once before threads
 * start; the products below do it otherwise. */
void gemm_init(void);

/* "0.9.0" */
const char *gemm_version(void);

/* The name of the kernels in use: "skx", "haswell", "generic" .. */
const char *gemm_kernels(void);

/* c [m,n] = a [m,k] b [k,n] + (add ? c : 0); rows of c lie c_row floats apart.  One thread. */
void gemm(size_t m, size_t n, size_t k, struct matrix a, struct matrix b, bool add, float *c, size_t c_row);

/* The same by the pool, in pieces of c that depend on the shape alone. */
void gemm_pool(struct pool *pool, size_t m, size_t n, size_t k, struct matrix a, struct matrix b, bool add, float *c, size_t c_row);

#endif
