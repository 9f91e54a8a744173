/* Matrix products by BLIS; no other file includes it.
 *
 * A matrix is an address and two strides, so a transpose is only a swap of strides. */
#ifndef NN_GEMM_H
#define NN_GEMM_H

#include "core/parallel.h"

#include <stdbool.h>

struct matrix {
	const float *data;
	size_t row, column; /* strides, in floats */
};

/* Selects BLIS's kernels for this CPU.  Where this release of BLIS does not recognise the CPU and would use plain C (5 times
 * slower), sets BLIS_ARCH_TYPE in the environment, unless it is set.  Call it before threads start; gemm_pool calls it otherwise. */
void gemm_init(void);

/* "0.9.0" */
const char *gemm_version(void);

/* The name of the kernels in use: "skx", "haswell", "generic", ... */
const char *gemm_kernels(void);

/* c [m,n] = a [m,k] b [k,n] + (add ? c : 0).  c_row: row stride of c, in floats.  Single-threaded. */
void gemm(size_t m, size_t n, size_t k, struct matrix a, struct matrix b, bool add, float *c, size_t c_row);

/* The same on the pool's threads, in pieces of c that depend on the shape alone. */
void gemm_pool(struct pool *pool, size_t m, size_t n, size_t k, struct matrix a, struct matrix b, bool add, float *c, size_t c_row);

#endif
