/* Which pixels of a source image each pixel of a target image is computed from.  Pixel (i, j) of a grid on the target reads
 * the source at step * (i, j) + tap, for each tap of the filter.  The tables are the same for all images of a batch. */
#ifndef NN_CONV_GRID_H
#define NN_CONV_GRID_H

#include "nn/tape.h"

#include <stddef.h>

/* A run of consecutive weights, and the source pixel that it meets at grid pixel (0, 0), which may be outside the image. */
struct conv_tap {
	ptrdiff_t row, column;
	size_t weights; /* floats from the start of a filter */
};

struct conv_plane {
	size_t height, width, depth; /* depth: floats in a pixel */
};

/* Offsets of a grid pixel, in floats from the start of an image. */
struct conv_place {
	size_t source, target;
};

struct conv_grid {
	struct conv_plane source, target;
	size_t rows, columns;                    /* of the grid */
	size_t first_row, first_column, spacing; /* on the target: the grid's first pixel, and the distance between two */
	size_t step;        /* on the source: the distance for neighbours on the grid */
	const struct conv_tap *taps;
	size_t tap_count;

	/* Filled by conv_grid_find, in the tape's arena. */
	struct conv_place *places; /* [rows, columns] */
	unsigned char *outside;    /* [rows, columns, taps]: bit p is set if the pixel p after this one reads outside the source */
	ptrdiff_t *offsets;        /* [taps]: bytes from a place's source pixel */
};

/* Fills the tables.  -1: out of memory; tape->failed is set. */
int conv_grid_find(struct tape *tape, struct conv_grid *grid);

size_t conv_grid_size(const struct conv_grid *grid);    /* pixels of the grid */
size_t conv_plane_size(const struct conv_plane *plane); /* floats of an image */

#endif
