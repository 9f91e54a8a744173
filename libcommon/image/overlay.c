#include "image/overlay.h"

#include <string.h>

/* a * b / 255, rounded, without a division: exact for all bytes. */
static unsigned char multiply(unsigned a, unsigned b)
{
	const unsigned product = a * b + 128;

	return (unsigned char)((product + (product >> 8)) >> 8);
}

int overlay_from_rgba(struct overlay *overlay, const unsigned char *rgba, size_t width, size_t height, struct err *err)
{
	if (image_resize_buffer(&overlay->colour, width, height, err) || image_resize_buffer(&overlay->alpha, width, height, err))
		return -1;
	for (size_t i = 0; i < width * height; i++)
		for (size_t c = 0; c < 3; c++) {
			overlay->colour.pixels[3 * i + c] = multiply(rgba[4 * i + c], rgba[4 * i + 3]);
			overlay->alpha.pixels[3 * i + c] = rgba[4 * i + 3];
		}
	return 0;
}

int overlay_from_image(struct overlay *overlay, const struct image *opaque, struct err *err)
{
	if (image_copy(&overlay->colour, opaque, err) || image_resize_buffer(&overlay->alpha, opaque->width, opaque->height, err))
		return -1;
	memset(overlay->alpha.pixels, 255, image_bytes(&overlay->alpha));
	return 0;
}

void overlay_free(struct overlay *overlay)
{
	image_free(&overlay->colour);
	image_free(&overlay->alpha);
}

static void mix(const struct image *colour, const struct image *alpha, struct image *image, const struct image_part *place, float opacity)
{
	for (size_t y = 0; y < place->height; y++) {
		const size_t from = 3 * y * place->width;
		unsigned char *to = image->pixels + 3 * ((place->y + y) * image->width + place->x);
		for (size_t i = 0; i < 3 * place->width; i++) {
			const float covered = opacity * (float)alpha->pixels[from + i] / 255;
			to[i] = to_u8(opacity * (float)colour->pixels[from + i] + (1 - covered) * (float)to[i]);
		}
	}
}

int overlay_draw(const struct overlay *overlay, struct image *image, const struct image_part *place, float opacity, struct err *err)
{
	struct resizer resizer = { 0 };
	struct image colour = { 0 }, alpha = { 0 };
	int status = image_resize(&resizer, &colour, &overlay->colour, place->width, place->height, RESIZE_BICUBIC, err) ||
				     image_resize(&resizer, &alpha, &overlay->alpha, place->width, place->height, RESIZE_BICUBIC, err)
			     ? -1
			     : 0;

	if (status == 0)
		mix(&colour, &alpha, image, place, opacity);
	image_free(&colour);
	image_free(&alpha);
	resizer_free(&resizer);
	return status;
}
