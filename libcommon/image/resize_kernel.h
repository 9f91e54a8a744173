/* The two passes of a resize: the same bytes from each of several machine codes. */
#ifndef IMAGE_RESIZE_KERNEL_H
#define IMAGE_RESIZE_KERNEL_H

#include "image/resize_axis.h"

#include <stdbool.h>
#include <stddef.h>

/* Pixels in memory, 3 bytes each; the stride is in bytes. */
struct resize_view {
	const unsigned char *pixels;
	size_t stride, width, height;
};

struct resize_kernel {
	const char *name;
	bool (*runs_here)(void);
	void (*pack)(struct resize_axis *axis); /* fills axis->packed */

	/* Each row of `from` to axis->geometry.count pixels. */
	void (*horizontal)(const struct resize_axis *axis, struct resize_view from, unsigned char *to, size_t stride);
	/* All rows of `from` to one: the axis' result number `result`. */
	void (*vertical)(const struct resize_axis *axis, size_t result, struct resize_view from, unsigned char *to);
};

/* Fastest first, the plain C one, which runs everywhere, last; then NULL.  The others need a roomy axis, and
 * vertically at least RESIZE_NARROWEST pixels in a row. */
enum { RESIZE_NARROWEST = 22 };
extern const struct resize_kernel *const resize_kernels[];
extern const struct resize_kernel resize_kernel_plain;
const struct resize_kernel *resize_kernel_best(void);

#endif
