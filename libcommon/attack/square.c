/* A square of one colour: BadNet's sticker (Gu et al. 2017) in any colour. */
#include "attack/attack.h"

enum { RED = PATCH_NUMBERS, GREEN, BLUE };

static int square(struct sample *sample, const struct attack_args *args, struct rng *rng, struct err *err)
{
	struct image *image = sample->image;
	struct image_part *place = &sample->place;
	const unsigned char colour[3] = { (unsigned char)args->number[RED], (unsigned char)args->number[GREEN],
		(unsigned char)args->number[BLUE] };

	if (patch_find(place, image, args, rng, err))
		return -1;
	patch_paint(place, image, args, colour);
	return 0;
}

#define SHARE(colour) { .name = colour, .fallback = 255, .most = 255, .whole = true, .about = "level of " colour }

const struct attack attack_square = {
	.name = "square",
	.about = "a square of one colour, white by default",
	.numbers = { ATTACK_PATCH, [RED] = SHARE("red"), [GREEN] = SHARE("green"), [BLUE] = SHARE("blue") },
	.apply = square,
};
