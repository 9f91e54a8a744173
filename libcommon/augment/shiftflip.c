/* A small random shift and a random horizontal flip, for pre-training on small images. */
#include "augment/augment.h"
#include "image/geometry.h"

#include <stdlib.h>
#include <string.h>

enum { SHIFT, FLIP, PADDING };

static const char *const paddings[] = { "reflect", "zero", NULL };

/* The index of the pixel at `place`, which may be outside: reflected at the outermost pixels, which are not repeated. */
static size_t reflected(long place, size_t side)
{
	const long period = 2 * ((long)side - 1);
	long at = period ? labs(place) % period : 0;

	return (size_t)(at < (long)side ? at : period - at);
}

static int shift_reflected(struct image *image, long right, long down, struct image *spare, struct err *err)
{
	if (image_copy(spare, image, err))
		return -1;
	unsigned char *to = image->pixels;
	for (size_t y = 0; y < image->height; y++) {
		const unsigned char *row = spare->pixels + 3 * image->width * reflected((long)y - down, image->height);
		for (size_t x = 0; x < image->width; x++, to += 3)
			memcpy(to, row + 3 * reflected((long)x - right, image->width), 3);
	}
	return 0;
}

static int shiftflip(struct image *image, const struct augment_args *args, struct image *spare, struct rng *rng, struct err *err)
{
	const long most = (long)args->number[SHIFT];
	const long right = (long)rng_below(rng, (uint32_t)(2 * most + 1)) - most;
	const long down = (long)rng_below(rng, (uint32_t)(2 * most + 1)) - most;

	if (rng_uniform(rng) < args->number[FLIP])
		image_flip(image);
	if (right == 0 && down == 0)
		return 0;
	return args->number[PADDING] == 0 ? shift_reflected(image, right, down, spare, err)
					  : image_translate(image, right, down, spare, err);
}

const struct image_policy image_policy_shiftflip = {
	.name = "shiftflip",
	.about = "shift by a few pixels in each direction, and sometimes mirror",
	.stage = AUGMENT_SMALL,
	.numbers = {
		{ .name = "shift", .fallback = 3, .least = 0, .most = 1024, .whole = true, .about = "largest shift, in pixels" },
		{ .name = "flip", .fallback = .5f, .least = 0, .most = 1, .about = "probability of mirroring" },
		{ .name = "padding", .choices = paddings, .about = "what fills the edges" },
	},
	.apply = shiftflip,
};
