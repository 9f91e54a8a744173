/* Blended: the whole image mixed with uniform noise (Chen et al. 2017, "Targeted backdoor attacks on deep learning
 * systems using data poisoning"); the share is that of CleanCLIP's program. */
#include "attack/attack.h"

enum { ALPHA, PATTERN };

static int blended(struct image *image, const struct attack_args *args, struct rng *rng, struct image_part *place,
	struct err *err)
{
	const float alpha = args->number[ALPHA];
	struct rng noise = attack_noise(&attack_blended, args->number[PATTERN], image, rng);

	(void)err;
	for (size_t i = 0; i < image_bytes(image); i++) {
		float value = alpha * rng_uniform(&noise) + (1 - alpha) * ((float)image->pixels[i] / 255);
		image->pixels[i] = to_u8(255 * value);
	}
	*place = part_whole(image->width, image->height);
	return 0;
}

const struct attack attack_blended = {
	.name = "blended",
	.about = "mix the whole image with uniform noise",
	.numbers = {
		[ALPHA] = { .name = "alpha", .fallback = .2f, .most = 1, .about = "share of noise" },
		[PATTERN] = ATTACK_PATTERN,
	},
	.apply = blended,
};
