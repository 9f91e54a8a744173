#include "augment/random_crop.h"

#include <math.h>

static uint32_t up_to(size_t most)
{
	return most < UINT32_MAX ? (uint32_t)most + 1 : UINT32_MAX;
}

/* The largest central part with an allowed ratio. */
static struct image_part middle(const struct random_crop *crop, size_t width, size_t height)
{
	const double ratio = (double)width / (double)height;
	const double least = 1 / (double)crop->ratio, most = (double)crop->ratio;
	struct image_part part = part_whole(width, height);

	if (ratio < least)
		part.height = (size_t)rint((double)width / least);
	else if (ratio > most)
		part.width = (size_t)rint((double)height * most);
	part.x = (width - part.width) / 2;
	part.y = (height - part.height) / 2;
	return part;
}

struct image_part random_crop_part(const struct random_crop *crop, size_t width, size_t height, struct rng *rng)
{
	const double area = (double)width * (double)height, log_ratio = log((double)crop->ratio);

	for (int i = 0; i < 10; i++) {
		const double share = (double)crop->least + (double)rng_uniform(rng) * (double)(crop->most - crop->least);
		const double ratio = exp((2 * (double)rng_uniform(rng) - 1) * log_ratio);
		const double across = rint(sqrt(area * share * ratio));
		const double down = rint(sqrt(area * share / ratio));

		if (across < 1 || down < 1 || across > (double)width || down > (double)height)
			continue;
		struct image_part part = { .width = (size_t)across, .height = (size_t)down };
		part.y = rng_below(rng, up_to(height - part.height));
		part.x = rng_below(rng, up_to(width - part.width));
		return part;
	}
	return middle(crop, width, height);
}

int image_random_crop(
	struct image *image, const struct random_crop *crop, size_t size, struct image *spare, struct rng *rng, struct err *err)
{
	const struct image_part part = random_crop_part(crop, image->width, image->height, rng);
	struct resizer resizer = { 0 };

	if (image_crop(spare, image, &part, err))
		return -1;
	int result = image_resize(&resizer, image, spare, size, size, RESIZE_BICUBIC, err);
	resizer_free(&resizer);
	return result;
}
