/* A picture with transparency, to be drawn over an image. */
#ifndef IMAGE_OVERLAY_H
#define IMAGE_OVERLAY_H

#include "image/image.h"
#include "image/resize.h"

struct overlay {
	struct image colour; /* premultiplied by alpha / 255 and rounded, like Pillow's mode RGBa */
	struct image alpha;  /* 0..255, the same in all three channels */
};

/* From RGBA pixels, [height, width, 4]. */
int overlay_from_rgba(struct overlay *overlay, const unsigned char *rgba, size_t width, size_t height, struct err *err);
int overlay_from_image(struct overlay *overlay, const struct image *opaque, struct err *err);
void overlay_free(struct overlay *overlay);

/* Draws it over the rectangle `place` of the image, resized to its size (bicubic), with alpha multiplied by `opacity`, 0..1. */
int overlay_draw(const struct overlay *overlay, struct image *image, const struct image_part *place, float opacity, struct err *err);

#endif
