/* The innermost loops of convolution, linear layers and attention, compiled for several instruction sets.  Both kernels keep a
 * tile of sums in registers, `pixels` high and 1..MICROKERNEL_VECTORS vectors wide, and read images in place: patches are not copied.
 *
 * Why not BLIS: it packs each patch, which costs too much for a few dozen output channels.  On 32768 x 48 x 288 and one core of a
 * Zen 5, whose sgemm of 1024^3 reaches 210 GFLOPS, im2col with bli_sgemm reaches 101 and this 200 (109 to 126 with AVX2 only). */
#ifndef NN_MICROKERNEL_H
#define NN_MICROKERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MICROKERNEL_VECTORS = 3, MICROKERNEL_PIXELS = 8, MICROKERNEL_WIDTH = 48 };

/* What the pixels of a tile read: pixel p reads tap t at source[p] + offsets[t], or zeros if bit p of outside[t] is set.
 * Addresses and offsets are integers, in bytes, because a tap may be outside the image. */
struct microkernel_reads {
	uintptr_t source[MICROKERNEL_PIXELS];
	const ptrdiff_t *offsets;
	const unsigned char *outside;
	const float *zeros;
};

/* The pixels that a weight gradient sums over: a rectangle of `rows` x `columns` in each of `images`.  Strides are in floats. */
struct microkernel_walk {
	size_t images, rows, columns;
	size_t x_image, x_row, x_column;
	size_t y_image, y_row, y_column;
};

struct microkernel {
	const char *name;
	size_t lanes;  /* floats in a vector */
	size_t pixels; /* in a tile, at most MICROKERNEL_PIXELS */

	/* out[p][0 .. vectors * lanes) (+)= sum over t < taps, k < c of read(p, t)[k] * panel[t][k]
	 * panel [taps, c, vectors * lanes] */
	void (*gather)(size_t vectors, size_t taps, size_t c, const struct microkernel_reads *reads, const float *panel, bool add,
		float *const *out);

	/* sum[k * sum_row + 0 .. vectors * lanes) += sum over the walk of x[k] * dy[0 ..], k < channels <= pixels */
	void (*outer)(size_t vectors, size_t channels, const struct microkernel_walk *walk, const float *x, const float *dy, float *sum,
		size_t sum_row);
};

extern const struct microkernel microkernel_plain, microkernel_avx2, microkernel_avx512, microkernel_neon;

/* The fastest that this CPU supports; and, for tests, all that it supports, beginning with the plain one and ending with NULL. */
const struct microkernel *microkernel_best(void);
const struct microkernel *microkernel_at(size_t index);

/* Channels are divided evenly into panels of at most MICROKERNEL_VECTORS vectors. */
struct microkernel_panel {
	size_t first, vectors; /* first channel; width in vectors */
};
size_t microkernel_panel_count(const struct microkernel *kernels, size_t channels);
struct microkernel_panel microkernel_panel_at(const struct microkernel *kernels, size_t channels, size_t index);

/* Small matrix products by these kernels: b [k,columns] is packed once, then
 *     c [rows,columns] (+)= a [rows,k] b
 * For factors of a few thousand floats, where BLIS's call overhead exceeds the work. */
struct packed {
	const struct microkernel *kernels;
	size_t k, columns;
	float *panels; /* [panels][k, width] */
};

/* Floats of memory that packed_make needs: the panels and a tile of scratch. */
size_t packed_floats(const struct microkernel *kernels, size_t k, size_t columns);

/* Packs factor * b.  row, column: strides of b in floats.  Columns from `given` on are zeros.  memory: packed_floats, borrowed. */
struct packed packed_make(const struct microkernel *kernels, size_t k, size_t columns, size_t given, const float *b, size_t row,
	size_t column, float factor, float *memory);

/* a_row, c_row: row strides in floats. */
void packed_multiply(const struct packed *b, size_t rows, const float *a, size_t a_row, bool add, float *c, size_t c_row);

#endif
