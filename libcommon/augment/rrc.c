/* RandomResizedCrop and a mirror image: a random part of the picture as it was decoded becomes the view. */
#include "augment/augment.h"
#include "augment/random_crop.h"
#include "image/geometry.h"

enum { SCALE, MOST, RATIO, FLIP };

static int rrc(struct image *image, const struct augment_args *args, struct image *spare, struct rng *rng, struct err *err)
{
	const struct random_crop crop = { args->number[SCALE], args->number[MOST], args->number[RATIO] };

	if (crop.least > crop.most)
		return err_set(err, "scale=%g is more than most=%g", (double)crop.least, (double)crop.most);
	if (image_random_crop(image, &crop, args->size, spare, rng, err))
		return -1;
	if (rng_uniform(rng) < args->number[FLIP])
		image_flip(image);
	return 0;
}

const struct image_policy image_policy_rrc = {
	.name = "rrc",
	.about = "a random part of the image as it was decoded, brought to the model's size, and mirrored at times",
	.stage = AUGMENT_FULL,
	.cuts = true,
	.numbers = {
		{ .name = "scale", .fallback = .08f, .least = .001f, .most = 1, .about = "least share of the area" },
		{ .name = "most", .fallback = 1, .least = .001f, .most = 1, .about = "greatest share of the area" },
		{ .name = "ratio", .fallback = 4 / 3.f, .least = 1, .most = 10, .about = "width to height, and the inverse" },
		{ .name = "flip", .fallback = .5f, .least = 0, .most = 1, .about = "probability" },
	},
	.apply = rrc,
};
