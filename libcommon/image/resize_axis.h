/* One axis of a resize: the source pixels that each result is computed from, and their weights, as in Pillow's Image.resize
 * (antialiased: the filter widens with the scale; fixed-point weights with RESIZE_BITS fractional bits). */
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
	size_t first, count; /* the wanted results */
	size_t start, have;  /* the available source pixels */
	double extent;       /* length of the source, less than `in` if its last pixel is only partly covered; 0: in */
};

struct resize_axis {
	struct resize_geometry geometry;
	size_t taps; /* weights for each result, a multiple of RESIZE_TAP_GROUP, zero after the end of the filter */
	uint32_t *from;    /* [count] the first source pixel of each result, counted from geometry.start */
	uint32_t *used;    /* [count] number of taps after which all weights are zero */
	int32_t *weights;  /* [count, taps] */
	uint32_t *packed;  /* [count, taps] the weights in the kernel's layout */
	bool padded;       /* all taps of every result, also the unused ones, are within the available pixels */
	size_t capacity;   /* bytes allocated at from, for all four arrays */
};

/* The source pixels that the wanted results read: *start and *have for a geometry in which they are not set yet. */
void resize_axis_needs(const struct resize_geometry *geometry, size_t *start, size_t *have);

/* Fills the axis, except packed, for a geometry whose start and have cover the needed pixels; reuses its memory. */
int resize_axis_set(struct resize_axis *axis, const struct resize_geometry *geometry, struct err *err);
void resize_axis_free(struct resize_axis *axis);

/* The two passes of a resize, in several implementations with identical results. */

/* Pixels in memory, 3 bytes each; the stride is in bytes. */
struct resize_view {
	const unsigned char *pixels;
	size_t stride, width, height;
};

struct resize_kernel {
	const char *name;
	bool (*is_supported)(void); /* by this CPU */
	void (*pack)(struct resize_axis *axis); /* fills axis->packed */

	/* Resizes each row of `from` to axis->geometry.count pixels. */
	void (*horizontal)(const struct resize_axis *axis, struct resize_view from, unsigned char *to, size_t stride);
	/* Combines the rows of `from` into one: result number `result` of the axis. */
	void (*vertical)(const struct resize_axis *axis, size_t result, struct resize_view from, unsigned char *to);
};

/* Fastest first; the portable C kernel is last, then NULL.  The others require a padded axis and, for vertical, rows of at least
 * RESIZE_NARROWEST pixels. */
enum { RESIZE_NARROWEST = 22 };
extern const struct resize_kernel *const resize_kernels[];
extern const struct resize_kernel resize_kernel_plain;
const struct resize_kernel *resize_kernel_best(void);

#endif
