/* The pixels of a record. */
#ifndef IMAGE_RECORD_PIXELS_H
#define IMAGE_RECORD_PIXELS_H

#include "core/record.h"
#include "formats/image/image_codec.h"

/* image becomes a copy of the tensor of that name, uint8 [H, W, 3]. */
int record_tensor_pixels(const struct record *record, const char *name, struct image *image, struct err *err);

/* image becomes what the model would take: rgb.npy where the record has it, else its decoded image.
 * -1: it has neither, or the image is unusable. */
int record_pixels(const struct record *record, struct image *image, const struct image_limits *limits, struct err *err);

/* The same, but only the part *have of it needs to be decoded that covers what the wish names: see image_codec. */
int record_pixels_part(const struct record *record, struct image *image, struct image_part *have, const struct image_limits *limits,
	const struct image_wish *wish, struct err *err);

#endif
