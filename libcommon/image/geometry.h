/* Geometric operations, in place, with nearest-neighbour sampling and black outside, byte for byte equal to Pillow and torchvision.
 * spare: scratch, whose memory is reused between calls. */
#ifndef IMAGE_GEOMETRY_H
#define IMAGE_GEOMETRY_H

#include "image/image.h"

/* Pillow's Image.transform(AFFINE): the pixel at (x, y) is sampled at (m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5]); pixel centres
 * are at halves.  m[1] and m[3] must not both be 0. */
int image_affine(struct image *image, const double m[6], struct image *spare, struct err *err);

/* Counter-clockwise about the centre: Pillow's Image.rotate. */
int image_rotate(struct image *image, double degrees, struct image *spare, struct err *err);

/* Shears about the top left corner, as AutoAugment does: x + horizontal * y, y + vertical * x; one of the two is 0.  Like torchvision,
 * converts the slope to degrees and back, for the same last bits. */
int image_shear(struct image *image, double horizontal, double vertical, struct image *spare, struct err *err);

/* To the right and down. */
int image_translate(struct image *image, long right, long down, struct image *spare, struct err *err);

void image_flip(struct image *image); /* mirrors left and right */

#endif
