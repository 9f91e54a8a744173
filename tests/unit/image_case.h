/* Test images: those of tests/golden/image_reference.py, computed with integers only. */
#ifndef TESTS_IMAGE_CASE_H
#define TESTS_IMAGE_CASE_H

#include "image/image.h"

#include <stdint.h>
#include <string.h>
#include <xxhash.h>

static inline unsigned noise_at(size_t i)
{
	return (uint32_t)(i * 2654435761u) >> 13 & 255;
}

static inline unsigned value_at(const char *kind, size_t i, size_t width, size_t height)
{
	const size_t x = i / 3 % width, y = i / 3 / width, colour = i % 3;

	if (strcmp(kind, "noise") == 0)
		return noise_at(i);
	if (strcmp(kind, "smooth") == 0)
		return (unsigned)((x * 255 / (width > 1 ? width - 1 : 1) + y * (colour + 1) * 90 / (height > 1 ? height - 1 : 1) +
					  noise_at(i) / 32) /
				  2 % 256);
	if (strcmp(kind, "grey") == 0)
		return noise_at(i / 3);
	if (strcmp(kind, "flat") == 0)
		return (unsigned)(40 + 70 * colour);
	if (strcmp(kind, "narrow") == 0)
		return 100 + noise_at(i) / 8;
	return noise_at(i) < 200 ? 30 : 220; /* "two" */
}

static inline void paint(struct image *image, const char *kind, size_t width, size_t height)
{
	struct err err;

	assert_int_equal(image_resize_buffer(image, width, height, &err), 0);
	for (size_t i = 0; i < image_bytes(image); i++)
		image->pixels[i] = (unsigned char)value_at(kind, i, width, height);
}

static inline uint64_t hash_of(const struct image *image)
{
	return XXH3_64bits(image->pixels, image_bytes(image));
}

static inline void assert_same(const struct image *a, const struct image *b)
{
	assert_int_equal(a->width, b->width);
	assert_int_equal(a->height, b->height);
	assert_memory_equal(a->pixels, b->pixels, image_bytes(a));
}

#endif
