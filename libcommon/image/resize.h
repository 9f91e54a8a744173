/* Resizing of 8-bit RGB, bit for bit like Pillow's Image.resize, limited to the wanted part of the result.
 * Two passes, along rows and along columns, each rounded to 8 bits, so that their order affects the last bit.  Pillow 13 starts with
 * the columns if the height shrinks by more than twice as many pixels as the width (an image more than twice as high as wide, or one
 * that is squashed); Pillow 12 did so only if it is more than 100 times as high as wide. */
#ifndef IMAGE_RESIZE_H
#define IMAGE_RESIZE_H

#include "image/image.h"
#include "image/resize_axis.h"

struct resize_plan {
	enum resize_filter filter;
	size_t from_width, from_height; /* the whole source */
	size_t width, height;           /* the whole result */
	struct image_part wanted;       /* of the result */
	bool pillow_12;                 /* the order of passes of Pillow 12 */
	double extent_width, extent_height; /* sides of a reduced source before they were rounded up; otherwise 0 */
};

/* Changes the plan for a source decoded at 1/reduction of its size, which must not be smaller than the result. */
void resize_plan_reduce(struct resize_plan *plan, size_t reduction);

enum { RESIZE_AXES = 8 };

/* Memory and weights that are reused for the next image, since many have the same size.  One for each thread.  Zero-initialised is
 * valid. */
struct resizer {
	const struct resize_kernel *kernel; /* the fastest that the CPU supports, unless set before */
	struct resize_axis axes[RESIZE_AXES];
	size_t next_axis;
	struct image between; /* result of the first pass */
};
void resizer_free(struct resizer *resizer);

/* The rectangle of the source that a plan reads. */
struct image_part resize_needs(const struct resize_plan *plan);

/* Writes the wanted part to `to`, another image than source.  source: the part `have` of the whole, which must cover resize_needs.
 * Error: a source so long and thin that the first pass would need a gigabyte. */
int resize_run(struct resizer *resizer, const struct resize_plan *plan, const struct image *source, struct image_part have,
	struct image *to, struct err *err);

/* Resizes all of `from` to width x height. */
int image_resize(struct resizer *resizer, struct image *to, const struct image *from, size_t width, size_t height,
	enum resize_filter filter, struct err *err);

#endif
