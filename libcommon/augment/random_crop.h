/* A random part of an image, resized to a square. */
#ifndef AUGMENT_RANDOM_CROP_H
#define AUGMENT_RANDOM_CROP_H

#include "core/rng.h"
#include "image/resize.h"

struct random_crop {
	float least, most;  /* share of the area */
	float ratio;        /* width / height is between 1 / ratio and ratio */
};

/* Chooses the part like torchvision's RandomResizedCrop: ten attempts, then the middle. */
struct image_part random_crop_part(const struct random_crop *crop, size_t width, size_t height, struct rng *rng);

/* Replaces the image by its part, resized to size x size, bicubic. */
int image_random_crop(
	struct image *image, const struct random_crop *crop, size_t size, struct image *spare, struct rng *rng, struct err *err);

#endif
