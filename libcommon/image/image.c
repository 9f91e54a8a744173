#include "image/image.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

size_t image_bytes(const struct image *image)
{
	return image->width * image->height * 3;
}

int image_resize_buffer(struct image *image, size_t width, size_t height, struct err *err)
{
	if (width == 0 || height == 0 || width > SIZE_MAX / 16 / height)
		return err_set(err, "an image of %zu x %zu pixels cannot be held", width, height);
	if (!image->pixels || image_bytes(image) != width * height * 3) {
		unsigned char *pixels = realloc(image->pixels, width * height * 3);
		if (!pixels)
			return err_memory(err);
		image->pixels = pixels;
	}
	image->width = width;
	image->height = height;
	return 0;
}

int image_copy(struct image *to, const struct image *from, struct err *err)
{
	if (image_resize_buffer(to, from->width, from->height, err))
		return -1;
	memcpy(to->pixels, from->pixels, image_bytes(from));
	return 0;
}

void image_free(struct image *image)
{
	free(image->pixels);
	*image = (struct image){ 0 };
}

unsigned char to_u8(float value)
{
	return value <= 0 ? 0 : value >= 255 ? 255 : (unsigned char)value;
}
