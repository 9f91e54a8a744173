#include "formats/image/record_pixels.h"

#include <string.h>

int record_tensor_pixels(const struct record *record, const char *name, struct image *image, struct err *err)
{
	const struct field *field = record_tensor(record, name, "|u1", 3, err);

	if (!field)
		return -1;
	const size_t height = field->tensor.shape[0], width = field->tensor.shape[1];
	if (field->tensor.shape[2] != 3)
		return err_set(err, "%s: %zu channels; expected 3", name, field->tensor.shape[2]);
	if (image_resize_buffer(image, width, height, err))
		return err_add(err, "%s", name);
	memcpy(image->pixels, field->bytes.data, field->bytes.size);
	return 0;
}

int record_pixels_part(const struct record *record, struct image *image, struct image_part *have, const struct image_limits *limits,
	const struct image_request *request, struct err *err)
{
	struct image_part wanted;

	if (record_find(record, "rgb.npy")) {
		if (record_tensor_pixels(record, "rgb.npy", image, err) ||
			image_header(&wanted, image->width, image->height, limits, request, err))
			return -1;
		*have = part_whole(image->width, image->height);
		return 0;
	}
	const struct field *field = record_image(record);
	if (!field)
		return err_set(err, "the record has no image");
	if (field->kind != FIELD_BYTES)
		return err_set(err, "%.*s: an image must be bytes", span_shown(field->name, 64), (const char *)field->name.data);
	if (image_decode_part(image, have, field->bytes, limits, request, err) == 0)
		return 0;
	return image_codec_of(field->bytes) ? -1 : err_add(err, "%.*s", span_shown(field->name, 64), (const char *)field->name.data);
}

int record_pixels(const struct record *record, struct image *image, const struct image_limits *limits, struct err *err)
{
	struct image_part have;

	return record_pixels_part(record, image, &have, limits, NULL, err);
}
