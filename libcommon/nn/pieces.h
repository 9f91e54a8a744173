/* How elementwise and row-wise work is cut for the pool: by the shape alone, so that results do not depend on
 * threads. */
#ifndef NN_PIECES_H
#define NN_PIECES_H

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

#endif
