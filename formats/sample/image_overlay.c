#include "formats/sample/image_overlay.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

/* PNG is the format whose transparency is kept. */
static int read_png(struct overlay *overlay, struct span bytes, const struct image_limits *limits, struct err *err)
{
	png_image png = { .version = PNG_IMAGE_VERSION };

	if (!png_image_begin_read_from_memory(&png, bytes.data, bytes.size))
		return err_set(err, "%s", png.message);
	png.format = PNG_FORMAT_RGBA;
	if ((size_t)png.width * png.height > limits->pixels) {
		png_image_free(&png);
		return err_set(err, "%u x %u pixels are more than %zu", png.width, png.height, limits->pixels);
	}
	unsigned char *rgba = malloc(PNG_IMAGE_SIZE(png));
	int status = rgba ? 0 : err_memory(err);
	if (status == 0 && !png_image_finish_read(&png, NULL, rgba, 0, NULL))
		status = err_set(err, "%s", png.message);
	if (status == 0)
		status = overlay_from_rgba(overlay, rgba, png.width, png.height, err);
	png_image_free(&png);
	free(rgba);
	return status;
}

int overlay_read(struct overlay *overlay, struct span bytes, const struct image_limits *limits, struct err *err)
{
	struct image image = { 0 };

	if (bytes.size >= 8 && memcmp(bytes.data, "\x89PNG\r\n\x1a\n", 8) == 0)
		return read_png(overlay, bytes, limits, err);
	int status = image_decode(&image, bytes, limits, err) || overlay_from_image(overlay, &image, err) ? -1 : 0;
	image_free(&image);
	return status;
}
