#include "nn/gemm.h"

#include <blis.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* BLIS packs both factors for each piece, so pieces are as large as possible while there are at least MANY: a product of
 * 3072 x 768 x 6400 reaches 101 GFLOPS in pieces of 128, 164 in pieces of 384, 197 in one piece (Zen 5).  BLIS's path for small
 * matrices, which does not pack, is disabled: on pieces of 384 of 3072 x 768 x 1600, with one factor transposed, it reaches
 * 46 GFLOPS, the usual path 80 (Zen 3). */
enum { SMALLEST_ROWS = 96, SMALLEST_COLUMNS = 128, LARGEST = 768, MANY = 16 };

/* The kernels for a CPU for which BLIS 0.9 would use its generic ones; -1: BLIS chooses well. */
static int kernels_for_unknown_cpu(void)
{
#if defined(__x86_64__) && defined(BLIS_CONFIG_SKX) && defined(BLIS_CONFIG_HASWELL) && !defined(BLIS_CONFIG_ZEN4)
	__builtin_cpu_init();
	if (__builtin_cpu_is("intel"))
		return -1;
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
		__builtin_cpu_supports("avx512vl"))
		return BLIS_ARCH_SKX;
	if (!__builtin_cpu_is("amd") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		return BLIS_ARCH_HASWELL;
#endif
	return -1;
}

static void init_once(void)
{
	char number[16];
	int arch = kernels_for_unknown_cpu();

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

const char *gemm_version(void)
{
	return bli_info_get_version_str();
}

const char *gemm_kernels(void)
{
	gemm_init();
	return bli_arch_string(bli_arch_query_id());
}

void gemm(size_t m, size_t n, size_t k, struct matrix a, struct matrix b, bool add, float *c, size_t c_row)
{
	float one = 1, beta = add ? 1 : 0;
	rntm_t runtime = BLIS_RNTM_INITIALIZER;

	bli_rntm_disable_l3_sup(&runtime);
	bli_sgemm_ex(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, (dim_t)m, (dim_t)n, (dim_t)k, &one, (float *)(uintptr_t)a.data, (inc_t)a.row,
		(inc_t)a.column, (float *)(uintptr_t)b.data, (inc_t)b.row, (inc_t)b.column, &beta, c, (inc_t)c_row, 1, NULL, &runtime);
}

struct product {
	size_t m, n, k, piece_rows, piece_columns, column_pieces;
	struct matrix a, b;
	bool add;
	float *c;
	size_t c_row;
};

static size_t at_most(size_t piece, size_t left)
{
	return left < piece ? left : piece;
}

static void gemm_piece(void *context, size_t piece, size_t thread)
{
	const struct product *p = context;
	size_t row = piece / p->column_pieces * p->piece_rows;
	size_t column = piece % p->column_pieces * p->piece_columns;
	struct matrix a = { p->a.data + row * p->a.row, p->a.row, p->a.column };
	struct matrix b = { p->b.data + column * p->b.column, p->b.row, p->b.column };

	(void)thread;
	gemm(at_most(p->piece_rows, p->m - row), at_most(p->piece_columns, p->n - column), p->k, a, b, p->add,
		p->c + row * p->c_row + column, p->c_row);
}

void gemm_pool(struct pool *pool, size_t m, size_t n, size_t k, struct matrix a, struct matrix b, bool add, float *c, size_t c_row)
{
	struct product product = { m, n, k, SMALLEST_ROWS, SMALLEST_COLUMNS, 0, a, b, add, c, c_row };

	for (size_t edge = LARGEST; edge > SMALLEST_COLUMNS; edge /= 2)
		if (pieces_count(m, edge) * pieces_count(n, edge) >= MANY) {
			product.piece_rows = product.piece_columns = edge;
			break;
		}
	product.column_pieces = pieces_count(n, product.piece_columns);
	gemm_init();
	pool_run(pool, pieces_count(m, product.piece_rows) * product.column_pieces, gemm_piece, &product);
}
