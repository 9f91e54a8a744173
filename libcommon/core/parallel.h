/* A pool of threads that runs the pieces of one job at a time.  The caller divides a job into pieces, independently of the
 * number of threads, so that results do not depend on it either. */
#ifndef CORE_PARALLEL_H
#define CORE_PARALLEL_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h> /* __GLIBC__ */

struct pool;

/* threads >= 1, including the caller's; 1 starts none.  NULL on error.  The caller frees with pool_free. */
struct pool *pool_new(size_t threads, struct err *err);
/* A pool that runs no pieces: to find out how much memory a step needs without computing it. */
struct pool *pool_new_idle(size_t threads, struct err *err);
bool pool_is_idle(const struct pool *pool);
void pool_free(struct pool *pool); /* NULL is fine */
size_t pool_threads(const struct pool *pool);

/* Calls work(context, piece, thread) for each piece 0..pieces-1, in any order, and returns when all are done.
* thread: 0..threads-1, an index into per-thread scratch: no two concurrent calls have the same.
 * Must not be called from inside work. */
void pool_run(struct pool *pool, size_t pieces, void (*work)(void *context, size_t piece, size_t thread), void *context);

/* How row-wise and elementwise work is divided into pieces: by the shape alone, so that results do not depend on the number of
 * threads. */
struct range {
	size_t first, end;
};

enum { PIECE_FLOATS = 1 << 14 }; /* 64 KB: small enough to balance threads, large enough to hide the cost of a piece (1 us) */

static inline size_t pieces_count(size_t size, size_t piece)
{
	return (size + piece - 1) / piece;
}

static inline struct range pieces_range(size_t size, size_t piece, size_t index)
{
	size_t first = index * piece, left = size - first;

	return (struct range){ first, first + (left < piece ? left : piece) };
}

/* Number of rows of `columns` floats in a piece. */
static inline size_t pieces_rows(size_t columns)
{
	return columns < PIECE_FLOATS ? PIECE_FLOATS / (columns ? columns : 1) : 1;
}

/* Sums over rows, for each column: the rows are divided into at most PARTIALS runs, each is summed separately, and the sums are
 * added in order.  The division depends on the shape alone, so the result is bit-exact for any number of threads. */
enum { PARTIALS = 32 };

size_t partials_rows(size_t rows, size_t columns);  /* rows in a run */
size_t partials_count(size_t rows, size_t columns); /* number of runs, at most PARTIALS */

/* sum[j] (+)= the sum over i of partial[i * stride + j] */
void partials_sum(size_t count, size_t columns, const float *partial, size_t stride, bool add, float *sum);

/* SIMD before a function of plain loops compiles it once for each vector width; the loader selects the widest that the CPU supports.
 * All give the same bits: nothing is fused or re-associated.  Functions that it calls must be INLINE. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define SIMD __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SIMD
#endif
#define INLINE static inline __attribute__((always_inline))

#endif
