/* Which pixels of a source image each pixel of a target image is made from: pixel (i, j) of a grid on the target, from
 * the pixels of the source at step * (i, j) + tap.  The same in each image, so it is worked out once. */
#ifndef NN_CONV_GRID_H
#define NN_CONV_GRID_H

#include "nn/microkernel.h"
#include "nn/tape.h"

#include <stddef.h>

/* What a convolution is: x [n,height,width,c], weight [out,kh,kw,c] -> y [n,out_height,out_width,out]. */
struct conv_shape {
	size_t n, height, width, c;
	size_t out_height, out_width, out;
	size_t kh, kw, stride, pad;
};

/* A run of weights, and the pixel of x it meets first: that of output pixel (0, 0), which may lie outside of x. */
struct conv_tap {
	ptrdiff_t row, column;
	size_t weights; /* floats from the start of a filter */
};

struct conv_plane {
	size_t height, width, depth; /* depth: floats of a pixel */
};

/* A pixel of the grid: floats from the start of an image. */
struct conv_place {
	size_t source, target;
};

struct conv_grid {
	struct conv_plane source, target;
	size_t rows, columns, first_row, first_column, apart; /* on the target: the first pixel, from one to the next */
	size_t step;       /* on the source */
	const struct conv_tap *taps;
	size_t tap_count;

	/* Of conv_grid_find. */
	struct conv_place *places; /* [rows, columns] */
	unsigned char *outside;    /* [rows, columns, taps]: bit p: the place p further on does not meet the source */
	ptrdiff_t *offsets;        /* [taps]: bytes from a place's source */
};

/* Fills the tables, in the arena.  -1: no memory, the tape has failed. */
int conv_grid_find(struct tape *tape, struct conv_grid *grid);

size_t conv_grid_size(const struct conv_grid *grid);    /* places */
size_t conv_plane_size(const struct conv_plane *plane); /* floats */

#endif
