/* An image as the filters work on it: 8-bit RGB, rows top to bottom, no padding. */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include "core/err.h"

#include <stddef.h>

struct image {
	size_t width, height; /* pixels */
	unsigned char *pixels; /* [height, width, 3]; owned */
};

/* Makes room for width x height pixels, not initialised; reuses the memory where the image had as much.
 * Zero sides and sizes that overflow are errors. */
int image_resize_buffer(struct image *image, size_t width, size_t height, struct err *err);

/* to becomes a copy of from. */
int image_copy(struct image *to, const struct image *from, struct err *err);
void image_free(struct image *image); /* leaves an empty one */
size_t image_bytes(const struct image *image); /* width * height * 3 */

/* Clamped to 0..255 and cut to a whole number, as the method's program does when it stores a float image. */
unsigned char to_u8(float value);

#endif
