/* torchvision's RandomResizedCrop and a random horizontal flip, applied to the decoded image. */
#include "augment/augment.h"
#include "image/geometry.h"

enum { SCALE, MOST, RATIO, FLIP };

static int rrc(struct image *image, const struct augment_args *args, struct image *spare, struct rng *rng, struct err *err)
{
	const struct random_crop crop = { args->number[SCALE], args->number[MOST], args->number[RATIO] };

	if (crop.least > crop.most)
		return err_set(err, "scale=%g exceeds most=%g", (double)crop.least, (double)crop.most);
	if (image_random_crop(image, &crop, args->size, spare, rng, err))
		return -1;
	if (rng_uniform(rng) < args->number[FLIP])
		image_flip(image);
	return 0;
}

const struct image_policy image_policy_rrc = {
	.name = "rrc",
	.about = "a random part of the decoded image, resized to the model's size and sometimes mirrored",
	.stage = AUGMENT_FULL,
	.crops = true,
	.numbers = {
		{ .name = "scale", .fallback = .08f, .least = .001f, .most = 1, .about = "smallest share of the area" },
		{ .name = "most", .fallback = 1, .least = .001f, .most = 1, .about = "largest share of the area" },
		{ .name = "ratio", .fallback = 4 / 3.f, .least = 1, .most = 10, .about = "largest ratio of width to height, and of height to width" },
		{ .name = "flip", .fallback = .5f, .least = 0, .most = 1, .about = "probability of mirroring" },
	},
	.apply = rrc,
};
