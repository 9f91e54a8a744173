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
		return err_set(err, "an image of %zu x %zu pixels is empty or too large", width, height);
	const size_t bytes = width * height * 3;
	if (image->pixels && image->capacity < image_bytes(image))
		image->capacity = image_bytes(image);
	if (!image->pixels || image->capacity < bytes) {
		image_free(image);
		image->pixels = malloc(bytes);
		if (!image->pixels)
			return err_memory(err);
		image->capacity = bytes;
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

struct image_part part_whole(size_t width, size_t height)
{
	return (struct image_part){ .width = width, .height = height };
}

static bool within(size_t start, size_t length, size_t outer_start, size_t outer_length)
{
	return start >= outer_start && start - outer_start <= outer_length && length <= outer_length - (start - outer_start);
}

bool part_covers(const struct image_part *outer, const struct image_part *inner)
{
	return within(inner->x, inner->width, outer->x, outer->width) && within(inner->y, inner->height, outer->y, outer->height);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t most(size_t a, size_t b)
{
	return a > b ? a : b;
}

struct image_part part_union(const struct image_part *a, const struct image_part *b)
{
	if (a->width == 0 || a->height == 0)
		return *b;
	if (b->width == 0 || b->height == 0)
		return *a;
	struct image_part all = { .x = least(a->x, b->x), .y = least(a->y, b->y) };
	all.width = most(a->x + a->width, b->x + b->width) - all.x;
	all.height = most(a->y + a->height, b->y + b->height) - all.y;
	return all;
}

int image_crop(struct image *to, const struct image *from, const struct image_part *part, struct err *err)
{
	const struct image_part all = part_whole(from->width, from->height);

	if (!part_covers(&all, part))
		return err_set(err, "%zu x %zu pixels at %zu, %zu are not inside an image of %zu x %zu", part->width, part->height, part->x,
			part->y, from->width, from->height);
	if (image_resize_buffer(to, part->width, part->height, err))
		return -1;
	for (size_t y = 0; y < part->height; y++)
		memcpy(to->pixels + 3 * y * part->width, from->pixels + 3 * ((part->y + y) * from->width + part->x), 3 * part->width);
	return 0;
}

unsigned char to_u8(float value)
{
	return value <= 0 ? 0 : value >= 255 ? 255 : (unsigned char)value;
}
