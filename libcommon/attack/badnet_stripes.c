/* A square patch of vertical stripes one pixel wide: each column and colour is full or zero, at random.
 * (BadNet-Stripes of Singh et al. 2024, "Perturb and Recover", which found that cleaning leaves it.) */
#include "attack/attack.h"

enum { PATTERN = PATCH_NUMBERS };

static int badnet_stripes(struct sample *sample, const struct attack_args *args, struct rng *rng, struct err *err)
{
	struct image *image = sample->image;
	struct image_part *place = &sample->place;
	const size_t stride = 3 * image->width;

	if (patch_find(place, image, args, rng, err))
		return -1;
	struct rng signs = attack_noise(&attack_badnet_stripes, args->number[PATTERN], image, rng);
	unsigned char *top = image->pixels + place->y * stride + 3 * place->x;
	for (size_t i = 0; i < 3 * place->width; i++) {
		const unsigned char value = rng_u32(&signs) >> 31 ? 255 : 0;
		for (size_t y = 0; y < place->height; y++)
			top[y * stride + i] = value;
	}
	patch_finish(place, image, args);
	return 0;
}

const struct attack attack_badnet_stripes = {
	.name = "badnet-stripes",
	.about = "a square patch of vertical stripes, each column and colour full or empty at random",
	.numbers = { ATTACK_PATCH, [PATTERN] = ATTACK_PATTERN },
	.apply = badnet_stripes,
};
