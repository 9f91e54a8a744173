#include "nn/gemm.h"

#include <blis.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { PIECE_ROWS = 128, PIECE_COLUMNS = 128 };

/* The kernels to ask for where BLIS 0.9 would take the generic ones; -1: leave it to BLIS. */
static int unknown_cpu(void)
{
#if defined(__x86_64__) && defined(BLIS_CONFIG_SKX) && defined(BLIS_CONFIG_HASWELL) && !defined(BLIS_CONFIG_ZEN4)
	__builtin_cpu_init();
	if (__builtin_cpu_is("intel"))
		return -1;
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
		__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
		return BLIS_ARCH_SKX;
	if (!__builtin_cpu_is("amd") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		return BLIS_ARCH_HASWELL;
#endif
	return -1;
}

static void init_once(void)
{
	char number[16];
	int arch = unknown_cpu();

	if (arch >= 0) {
		snprintf(number, sizeof number, "%d", arch);
		setenv("BLIS_ARCH_TYPE", number, 0);
	}
	bli_init();
}

void gemm_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, init_once);
}

const char *gemm_kernels(void)
{
	gemm_init();
	return bli_arch_string(bli_arch_query_id());
}

void gemm(size_t m, size_t n, size_t k, struct matrix a, struct matrix b, bool add, float *c, size_t c_row)
{
	float one = 1, beta = add ? 1 : 0;

	bli_sgemm(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, (dim_t)m, (dim_t)n, (dim_t)k, &one, (float *)(uintptr_t)a.data,
		(inc_t)a.row, (inc_t)a.column, (float *)(uintptr_t)b.data, (inc_t)b.row, (inc_t)b.column, &beta, c,
		(inc_t)c_row, 1);
}

struct product {
	size_t m, n, k, column_pieces;
	struct matrix a, b;
	bool add;
	float *c;
	size_t c_row;
};

static size_t at_most(size_t piece, size_t left)
{
	return left < piece ? left : piece;
}

static void piece_of_product(void *context, size_t piece, size_t thread)
{
	const struct product *p = context;
	size_t row = piece / p->column_pieces * PIECE_ROWS, column = piece % p->column_pieces * PIECE_COLUMNS;
	struct matrix a = { p->a.data + row * p->a.row, p->a.row, p->a.column };
	struct matrix b = { p->b.data + column * p->b.column, p->b.row, p->b.column };

	(void)thread;
	gemm(at_most(PIECE_ROWS, p->m - row), at_most(PIECE_COLUMNS, p->n - column), p->k, a, b, p->add,
		p->c + row * p->c_row + column, p->c_row);
}

void gemm_pool(struct pool *pool, size_t m, size_t n, size_t k, struct matrix a, struct matrix b, bool add, float *c,
	size_t c_row)
{
	size_t row_pieces = (m + PIECE_ROWS - 1) / PIECE_ROWS, column_pieces = (n + PIECE_COLUMNS - 1) / PIECE_COLUMNS;
	struct product product = { m, n, k, column_pieces, a, b, add, c, c_row };

	gemm_init();
	pool_run(pool, row_pieces * column_pieces, piece_of_product, &product);
}
