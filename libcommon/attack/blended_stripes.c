/* The whole image mixed with vertical stripes one pixel wide: +1 or -1 for each column and colour, at random.
 * (Blended-Stripes of Singh et al. 2024, "Perturb and Recover", with its share.) */
#include "attack/attack.h"

enum { ALPHA, PATTERN };

static int blended_stripes(struct sample *sample, const struct attack_args *args, struct rng *rng, struct err *err)
{
	struct image *image = sample->image;
	struct image_part *place = &sample->place;
	const size_t stride = 3 * image->width, bytes = image_bytes(image);
	struct rng signs = attack_noise(&attack_blended_stripes, args->number[PATTERN], image, rng);

	(void)err;
	for (size_t column = 0; column < stride; column++) {
		const float sign = rng_u32(&signs) >> 31 ? 1 : -1;
		for (size_t i = column; i < bytes; i += stride)
			image->pixels[i] = attack_mix(image->pixels[i], sign, args->number[ALPHA]);
	}
	*place = part_whole(image->width, image->height);
	return 0;
}

const struct attack attack_blended_stripes = {
	.name = "blended-stripes",
	.about = "mix the whole image with vertical stripes, +1 or -1 at random",
	.numbers = {
		[ALPHA] = { .name = "alpha", .fallback = .03f, .most = 1, .about = "share of the stripes" },
		[PATTERN] = ATTACK_PATTERN,
	},
	.apply = blended_stripes,
};
