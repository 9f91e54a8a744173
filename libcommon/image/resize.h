/* Resizing exactly as Pillow's Image.resize does it on 8-bit RGB, and only as much of it as is wanted.
 * Two passes, along the rows and down the columns, each rounded to 8 bits.  Which is first is seen in the
 * last bit.  Pillow since 13 takes the columns first where the height shrinks by more than twice as many
 * pixels as the width (an image more than twice as high as wide, or one that is squashed); Pillow 12 did so
 * only where it is 100 times as high. */
#ifndef IMAGE_RESIZE_H
#define IMAGE_RESIZE_H

#include "image/image.h"
#include "image/resize_axis.h"

struct resize_plan {
	enum resize_filter filter;
	size_t from_width, from_height; /* the whole source */
	size_t width, height;           /* the whole result */
	struct image_part wanted;       /* of the result */
	bool pillow_12;                 /* the order of passes */
	double extent_width, extent_height; /* of a reduced source, before its sides were rounded up; else 0 */
};

/* The source will come at 1/reduction of its size, which still is no smaller than the result. */
void resize_plan_reduce(struct resize_plan *plan, size_t reduction);

enum { RESIZE_AXES = 8 };

/* Memory and weights that are kept from image to image, because many have the same size.  One for each
 * thread. Zero-initialised is ready. */
struct resizer {
	const struct resize_kernel *kernel; /* the fastest that runs here, unless it was set before */
	struct resize_axis axes[RESIZE_AXES];
	size_t next_axis;
	struct image between; /* the passes */
};
void resizer_free(struct resizer *resizer);

/* The rectangle of the source that a plan reads. */
struct image_part resize_needs(const struct resize_plan *plan);

/* to, another image than source, becomes the wanted part.  source: the part `have` of the whole, which covers
 * what is needed. A source so long and thin that a gigabyte would lie between the passes is an error. */
int resize_run(struct resizer *resizer, const struct resize_plan *plan, const struct image *source, struct image_part have,
	struct image *to, struct err *err);

/* to becomes the whole of `from` at width x height. */
int image_resize(struct resizer *resizer, struct image *to, const struct image *from, size_t width, size_t height,
	enum resize_filter filter, struct err *err);

#endif
