/* Gets the pixels of a record. */
#ifndef IMAGE_RECORD_PIXELS_H
#define IMAGE_RECORD_PIXELS_H

#include "core/record.h"
#include "formats/image/image_codec.h"

/* Copies the tensor with this name, uint8 [H, W, 3], into image. */
int record_tensor_pixels(const struct record *record, const char *name, struct image *image, struct err *err);

/* Gets the input of the model: rgb.npy if the record has it, else its decoded image.  -1: it has neither, or the image is unusable. */
int record_pixels(const struct record *record, struct image *image, const struct image_limits *limits, struct err *err);

/* The same, but decodes only a part that covers the requested one; *have becomes that part.  See image_codec.decode. */
int record_pixels_part(const struct record *record, struct image *image, struct image_part *have, const struct image_limits *limits,
	const struct image_request *request, struct err *err);

#endif
