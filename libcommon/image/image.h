/* An image: 8-bit RGB, rows from top to bottom, without padding. */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>

struct image {
	size_t width, height; /* pixels */
	unsigned char *pixels; /* [height, width, 3]; owned */
	size_t capacity; /* bytes allocated at pixels, if more than the image needs */
};

/* Sets the size and allocates the pixels, not initialised; reuses the memory if it suffices.  Errors: a side of 0, a size that overflows,
 * out of memory. */
int image_resize_buffer(struct image *image, size_t width, size_t height, struct err *err);

/* Copies `from` to `to`. */
int image_copy(struct image *to, const struct image *from, struct err *err);
void image_free(struct image *image); /* leaves an empty one */
size_t image_bytes(const struct image *image); /* width * height * 3 */

/* A rectangle of an image, in pixels from its top left corner. */
struct image_part {
	size_t x, y, width, height;
};
struct image_part part_whole(size_t width, size_t height);
bool part_covers(const struct image_part *outer, const struct image_part *inner);
/* The smallest rectangle around both; empty ones are ignored. */
struct image_part part_union(const struct image_part *a, const struct image_part *b);

/* Copies a part of `from`, which must contain it, to `to`, another image. */
int image_crop(struct image *to, const struct image *from, const struct image_part *part, struct err *err);

/* Clamped to 0..255 and truncated to an integer, as the CleanCLIP authors' program does when it stores a float image. */
unsigned char to_u8(float value);

#endif
