/* A picture to lay over images, with its transparency where the file is a PNG. */
#ifndef SAMPLE_IMAGE_OVERLAY_H
#define SAMPLE_IMAGE_OVERLAY_H

#include "formats/image/image_codec.h"
#include "image/overlay.h"

/* The caller frees with overlay_free, also after an error. */
int overlay_read(struct overlay *overlay, struct span bytes, const struct image_limits *limits, struct err *err);

#endif
