/* Operations like AutoAugment's on the model's input, with random strengths: a mild crop, a random horizontal flip, then some of nine
 * different operations.  At 32x32 these destroy triggers. */
#include "augment/augment.h"
#include "image/colour.h"
#include "image/geometry.h"

enum { OPERATIONS, STRENGTH, CROP, FLIP };

static float signed_strength(float most, struct rng *rng)
{
	return most * (2 * rng_uniform(rng) - 1);
}

static int invert(struct image *image, float strength, struct image *spare, struct rng *rng, struct err *err)
{
	(void)strength, (void)spare, (void)rng, (void)err;
	image_invert(image);
	return 0;
}

static int posterize(struct image *image, float strength, struct image *spare, struct rng *rng, struct err *err)
{
	(void)spare, (void)err;
	image_posterize(image, 8 - (int)rng_below(rng, 1 + (uint32_t)(5 * strength)));
	return 0;
}

static int solarize(struct image *image, float strength, struct image *spare, struct rng *rng, struct err *err)
{
	(void)spare, (void)err;
	image_solarize(image, 255 - 255 * (double)(strength * rng_uniform(rng)));
	return 0;
}

static int contrast(struct image *image, float strength, struct image *spare, struct rng *rng, struct err *err)
{
	(void)spare, (void)err;
	image_contrast(image, 1 + signed_strength(.9f * strength, rng));
	return 0;
}

static int saturation(struct image *image, float strength, struct image *spare, struct rng *rng, struct err *err)
{
	(void)spare, (void)err;
	image_saturation(image, 1 + signed_strength(.9f * strength, rng));
	return 0;
}

static int brightness(struct image *image, float strength, struct image *spare, struct rng *rng, struct err *err)
{
	(void)spare, (void)err;
	image_brightness(image, 1 + signed_strength(.9f * strength, rng));
	return 0;
}

static int sharpness(struct image *image, float strength, struct image *spare, struct rng *rng, struct err *err)
{
	return image_sharpness(image, 1 + signed_strength(.9f * strength, rng), spare, err);
}

static int rotate(struct image *image, float strength, struct image *spare, struct rng *rng, struct err *err)
{
	return image_rotate(image, (double)signed_strength(30 * strength, rng), spare, err);
}

static int translate(struct image *image, float strength, struct image *spare, struct rng *rng, struct err *err)
{
	const float most = strength * 150 / 331;
	const long right = (long)signed_strength(most * (float)image->width, rng);

	return image_translate(image, right, (long)signed_strength(most * (float)image->height, rng), spare, err);
}

static int (*const operations[])(struct image *, float, struct image *, struct rng *, struct err *) = {
	invert,
	posterize,
	solarize,
	contrast,
	saturation,
	brightness,
	sharpness,
	rotate,
	translate,
};

enum { KNOWN = sizeof operations / sizeof *operations };

static int strong(struct image *image, const struct augment_args *args, struct image *spare, struct rng *rng, struct err *err)
{
	const struct random_crop crop = { args->number[CROP], 1, 4 / 3.f };
	unsigned order[KNOWN];

	if (crop.least < 1 && image_random_crop(image, &crop, args->size, spare, rng, err))
		return -1;
	if (rng_uniform(rng) < args->number[FLIP])
		image_flip(image);
	for (unsigned i = 0; i < KNOWN; i++)
		order[i] = i;
	for (unsigned i = 0; i < (unsigned)args->number[OPERATIONS]; i++) {
		/* The next element of an incremental Fisher-Yates shuffle. */
		const unsigned drawn = i + rng_below(rng, KNOWN - i), chosen = order[drawn];
		order[drawn] = order[i];
		if (operations[chosen](image, args->number[STRENGTH], spare, rng, err))
			return -1;
	}
	return 0;
}

const struct image_policy image_policy_strong = {
	.name = "strong",
	.about = "for small images: a mild crop, sometimes a mirror image, then some of invert, posterize, solarize, contrast, saturation, "
		 "brightness, sharpness, rotate, translate",
	.stage = AUGMENT_SMALL,
	.numbers = {
		{ .name = "ops", .fallback = 2, .least = 0, .most = KNOWN, .whole = true, .about = "number of operations" },
		{ .name = "strength", .fallback = 1, .least = 0, .most = 1, .about = "largest strength of each" },
		{ .name = "crop", .fallback = .7f, .least = .05f, .most = 1, .about = "smallest share of the area to keep" },
		{ .name = "flip", .fallback = .5f, .least = 0, .most = 1, .about = "probability of mirroring" },
	},
	.apply = strong,
};
