/* One axis of a resize: which source pixels each result is made of, and their weights, as Pillow's
 * Image.resize has them (antialiased: the filter widens with the scale; weights in fixed point with
 * RESIZE_BITS after the point). */
#ifndef IMAGE_RESIZE_AXIS_H
#define IMAGE_RESIZE_AXIS_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum resize_filter { RESIZE_BICUBIC, RESIZE_BILINEAR, RESIZE_BOX };

enum { RESIZE_BITS = 22, RESIZE_TAP_GROUP = 4, RESIZE_FEWEST_TAPS = 8 };

struct resize_geometry {
	enum resize_filter filter;
	size_t in, out;      /* pixels of the whole source and of the whole result */
	size_t first, count; /* the results that are wanted */
	size_t start, have;  /* the source pixels that are there */
	double extent;       /* of the source: less than `in` where only a part of its last pixel is picture; 0: in */
};

struct resize_axis {
	struct resize_geometry geometry;
	size_t taps; /* weights for each result, a multiple of RESIZE_TAP_GROUP: zero where the filter ends
			earlier */
	uint32_t *from;    /* [count] the first source pixel of each result, counted from geometry.start */
	uint32_t *used;    /* [count] taps behind which all weigh nothing */
	int32_t *weights;  /* [count, taps] */
	uint32_t *packed;  /* [count, taps] the weights as a kernel wants them */
	bool roomy; /* all taps of every result lie within what is there, the used ones and the others */
	size_t capacity;   /* bytes behind from, which all four share */
};

/* The source pixels that the wanted results read: *start and *have of a geometry in which they are not set
 * yet. */
void resize_axis_needs(const struct resize_geometry *geometry, size_t *start, size_t *have);

/* Fills the axis for a geometry whose start and have cover what is needed; reuses its memory.  packed is left
 * alone. */
int resize_axis_set(struct resize_axis *axis, const struct resize_geometry *geometry, struct err *err);
void resize_axis_free(struct resize_axis *axis);

#endif
