/* Geometric operations with nearest neighbours and black outside, byte for byte those of Pillow and
 * torchvision. In place; spare is scratch that keeps its memory between calls. */
#ifndef IMAGE_GEOMETRY_H
#define IMAGE_GEOMETRY_H

#include "image/image.h"

/* Pillow's Image.transform(AFFINE): the pixel at x, y comes from m[0] x + m[1] y + m[2], m[3] x + m[4] y +
 * m[5], centres of pixels being at halves.  m[1] and m[3] are not both 0. */
int image_affine(struct image *image, const double m[6], struct image *spare, struct err *err);

/* Counter-clockwise about the centre: Pillow's Image.rotate. */
int image_rotate(struct image *image, double degrees, struct image *spare, struct err *err);

/* About the top left corner, as AutoAugment does: x + horizontal * y, y + vertical * x; one of them is 0.
 * torchvision takes the tangent of an angle in degrees that it got by the arc tangent; so do we, for the same
 * last bits. */
int image_shear(struct image *image, double horizontal, double vertical, struct image *spare, struct err *err);

/* To the right and down. */
int image_translate(struct image *image, long right, long down, struct image *spare, struct err *err);

void image_flip(struct image *image); /* left becomes right */

#endif
