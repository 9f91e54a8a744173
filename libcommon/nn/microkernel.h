/* The inner loops below convolution, small linear layers and attention, compiled for several kinds of CPU.  Both keep a tile
 * of sums in registers, `pixels` high and 1..MICROKERNEL_VECTORS vectors wide, and read images in place: no patch is copied.
 *
 * Why not BLIS: it would pack each patch again for a few dozen output channels.  On 32768 x 48 x 288 (a core of a Zen 5 whose
 * sgemm 1024^3 is 210 GFLOPS) im2col and bli_sgemm reach 101, this 200; with AVX2 alone this reaches 109..126. */
#ifndef NN_MICROKERNEL_H
#define NN_MICROKERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MICROKERNEL_VECTORS = 3, MICROKERNEL_PIXELS = 8, MICROKERNEL_WIDTH = 48 };

/* What the pixels of a tile read: pixel p, tap t at source[p] + offsets[t], or, where bit p of outside[t] is set,
 * zeros.  Addresses and distances in bytes, since a tap may lie outside of the image. */
struct microkernel_reads {
	uintptr_t source[MICROKERNEL_PIXELS];
	const ptrdiff_t *offsets;
	const unsigned char *outside;
	const float *zeros;
};

/* Where the pixels of a gradient of weights lie: a rectangle of `rows` x `columns` in each of `images`.  Distances
 * from one to the next are in floats. */
struct microkernel_walk {
	size_t images, rows, columns;
	size_t x_image, x_row, x_column;
	size_t y_image, y_row, y_column;
};

struct microkernel {
	const char *name;
	size_t lanes;  /* floats of a vector */
	size_t pixels; /* of a tile, at most MICROKERNEL_PIXELS */

	/* out[p][0 .. vectors * lanes) (+)= sum over t < taps, k < c of what p reads at t [k] * panel[t][k]
	 * panel [taps, c, vectors * lanes] */
	void (*gather)(size_t vectors, size_t taps, size_t c, const struct microkernel_reads *reads, const float *panel, bool add,
		float *const *out);

	/* sum[k * sum_row + 0 .. vectors * lanes) += sum over the walk of x[k] * dy[0 ..], k < channels <= pixels */
	void (*outer)(size_t vectors, size_t channels, const struct microkernel_walk *walk, const float *x, const float *dy, float *sum,
		size_t sum_row);
};

extern const struct microkernel microkernel_plain, microkernel_avx2, microkernel_avx512, microkernel_neon;

/* The best that this CPU runs; all of those it runs, the plain one first, for tests.  Ends with NULL. */
const struct microkernel *microkernel_best(void);
const struct microkernel *microkernel_at(size_t index);

/* Channels are spread evenly over panels of at most MICROKERNEL_VECTORS vectors. */
struct microkernel_panel {
	size_t first, vectors; /* channel; width in vectors */
};
size_t microkernel_panel_count(const struct microkernel *kernels, size_t channels);
struct microkernel_panel microkernel_panel_at(const struct microkernel *kernels, size_t channels, size_t index);

#endif
