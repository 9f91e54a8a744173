/* Colour operations, in place, byte for byte equal to Pillow's ImageOps and ImageEnhance on RGB images. */
#ifndef IMAGE_COLOUR_H
#define IMAGE_COLOUR_H

#include "image/image.h"

void image_invert(struct image *image);
void image_posterize(struct image *image, int bits);           /* keeps the upper `bits` bits, 1..8 */
void image_solarize(struct image *image, double threshold);    /* inverts values not below the threshold */
void image_autocontrast(struct image *image);                  /* stretches each channel to 0..255 */
void image_equalize(struct image *image);                      /* equalizes each channel's histogram */

/* factor 1: unchanged; 0: black, grey, the mean grey, a smoothed image, respectively; above 1: the opposite. */
void image_brightness(struct image *image, float factor);
void image_saturation(struct image *image, float factor);      /* Pillow's ImageEnhance.Color */
void image_contrast(struct image *image, float factor);
int image_sharpness(struct image *image, float factor, struct image *spare, struct err *err);

#endif
