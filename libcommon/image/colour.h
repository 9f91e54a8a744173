/* Colour operations, byte for byte those of Pillow's ImageOps and ImageEnhance on RGB images.  In place. */
#ifndef IMAGE_COLOUR_H
#define IMAGE_COLOUR_H

#include "image/image.h"

void image_invert(struct image *image);
void image_posterize(struct image *image, int bits);           /* keeps the upper 1..8 bits */
void image_solarize(struct image *image, double threshold);    /* inverts what is not below it */
void image_autocontrast(struct image *image);                  /* each colour stretched to 0..255 */
void image_equalize(struct image *image);                      /* each colour's histogram made flat */

/* factor 1 leaves the image; 0 gives black, grey, one mean grey, a smoothed image; more than 1 does the
 * opposite. */
void image_brightness(struct image *image, float factor);
void image_saturation(struct image *image, float factor);      /* Pillow's ImageEnhance.Color */
void image_contrast(struct image *image, float factor);
int image_sharpness(struct image *image, float factor, struct image *spare, struct err *err);

#endif
