/* How elementwise and row-wise work is cut for the pool: by the shape alone, so that results do not depend on
 * threads. */
#ifndef NN_PIECES_H
#define NN_PIECES_H

#include <stdbool.h>
#include <stddef.h>

struct range {
	size_t first, end;
};

enum { PIECE_FLOATS = 1 << 14 }; /* 64 KB: small enough to share, large enough to hide the hand-over (1 us) */

static inline size_t pieces_count(size_t size, size_t piece)
{
	return (size + piece - 1) / piece;
}

static inline struct range pieces_range(size_t size, size_t piece, size_t index)
{
	size_t first = index * piece, left = size - first;

	return (struct range){ first, first + (left < piece ? left : piece) };
}

/* Rows of `columns` floats in a piece. */
static inline size_t pieces_rows(size_t columns)
{
	return columns < PIECE_FLOATS ? PIECE_FLOATS / (columns ? columns : 1) : 1;
}

/* Sums over rows, by column: the rows are cut in at most PARTIALS runs, each is summed by itself, and the sums are added
 * in order.  The cut depends on the shape alone, hence so do the bits. */
enum { PARTIALS = 32 };

size_t partials_rows(size_t rows, size_t columns);  /* in a run */
size_t partials_count(size_t rows, size_t columns); /* runs, at most PARTIALS */

/* sum[j] (+)= the sum over i of partial[i * stride + j] */
void partials_sum(size_t count, size_t columns, const float *partial, size_t stride, bool add, float *sum);

#endif
