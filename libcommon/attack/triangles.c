/* The whole image mixed with right triangles of two greys, .4 below each tile's diagonal and .8 above.
 * (Blended-Triangles of Singh et al. 2024, "Perturb and Recover", with its greys, share and size on 224 pixels.) */
#include "attack/attack.h"

enum { ALPHA, SIDE };

static int triangles(struct sample *sample, const struct attack_args *args, struct rng *rng, struct err *err)
{
	struct image *image = sample->image;
	struct image_part *place = &sample->place;
	const size_t side = (size_t)args->number[SIDE];
	unsigned char *pixel = image->pixels;

	(void)rng, (void)err;
	for (size_t y = 0; y < image->height; y++)
		for (size_t x = 0; x < image->width; x++)
			for (int c = 0; c < 3; c++, pixel++)
				*pixel = attack_mix(*pixel, y % side >= x % side ? .4f : .8f, args->number[ALPHA]);
	*place = part_whole(image->width, image->height);
	return 0;
}

const struct attack attack_triangles = {
	.name = "triangles",
	.about = "mix the whole image with low-contrast triangles",
	.numbers = {
		[ALPHA] = { .name = "alpha", .fallback = .15f, .most = 1, .about = "share of the triangles" },
		[SIDE] = { .name = "side", .fallback = 14, .least = 2, .most = 65536, .whole = true,
			.about = "side of a triangle, in pixels" },
	},
	.apply = triangles,
};
