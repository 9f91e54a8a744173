/* A yellow square, like BadNet's sticker: one of the triggers in the CleanCLIP authors' program. */
#include "attack/attack.h"

static int yellow(struct sample *sample, const struct attack_args *args, struct rng *rng, struct err *err)
{
	struct image *image = sample->image;
	struct image_part *place = &sample->place;
	static const unsigned char colour[3] = { 255, 255, 0 };

	if (patch_find(place, image, args, rng, err))
		return -1;
	patch_paint(place, image, args, colour);
	return 0;
}

const struct attack attack_yellow = {
	.name = "yellow",
	.about = "a yellow square",
	.numbers = { ATTACK_PATCH },
	.apply = yellow,
};
