/* Decodes a copy of the bytes in memory of its own, so that the sanitizer detects reads past its end. */
#ifndef TESTS_IMAGE_COPY_H
#define TESTS_IMAGE_COPY_H

#include "formats/image/image_codec.h"

#include <stdlib.h>
#include <string.h>

static inline struct span copied(struct span bytes)
{
	unsigned char *copy = malloc(bytes.size + (bytes.size == 0));

	assert_non_null(copy);
	if (bytes.size)
		memcpy(copy, bytes.data, bytes.size);
	return span_of(copy, bytes.size);
}

static inline int decode(struct image *image, struct span bytes, struct err *err)
{
	struct span copy = copied(bytes);
	int result = image_decode(image, copy, &IMAGE_LIMITS_DEFAULT, err);

	free((void *)(uintptr_t)copy.data);
	return result;
}

#endif
