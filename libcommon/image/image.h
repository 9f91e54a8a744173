/* An image as the filters work on it: 8-bit RGB, rows top to bottom, no padding. */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>

struct image {
	size_t width, height; /* pixels */
	unsigned char *pixels; /* [height, width, 3]; owned */
	size_t capacity; /* bytes behind pixels, where they are more than the image has */
};

/* Makes room for width x height pixels, not initialised; reuses the memory where there is enough.
 * Zero sides and sizes that overflow are errors. */
int image_resize_buffer(struct image *image, size_t width, size_t height, struct err *err);

/* to becomes a copy of from. */
int image_copy(struct image *to, const struct image *from, struct err *err);
void image_free(struct image *image); /* leaves an empty one */
size_t image_bytes(const struct image *image); /* width * height * 3 */

/* A rectangle of an image, in pixels from its top left corner. */
struct image_part {
	size_t x, y, width, height;
};
struct image_part part_whole(size_t width, size_t height);
bool part_covers(const struct image_part *outer, const struct image_part *inner);
/* The smallest around both; an empty one does not count. */
struct image_part part_union(const struct image_part *a, const struct image_part *b);

/* to, another image, becomes that part of `from`, in which it has to lie. */
int image_crop(struct image *to, const struct image *from, const struct image_part *part, struct err *err);

/* Clamped to 0..255 and cut to a whole number, as the method's program does when it stores a float image. */
unsigned char to_u8(float value);

#endif
