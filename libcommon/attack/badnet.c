/* BadNet: a square patch of normal noise around the image's mean colour (Gu et al. 2017, "BadNets"; the noise, its size
 * and its place are those of CleanCLIP's program, which leaves out the last possible column and row). */
#include "attack/attack.h"

enum { PATCH, PLACE, X, Y, PATTERN };
enum { RANDOM, TOP_LEFT, TOP_RIGHT, BOTTOM_LEFT, BOTTOM_RIGHT };
static const char *const places[] = { "random", "top-left", "top-right", "bottom-left", "bottom-right", NULL };

static int find_place(struct image_part *place, const struct image *image, const struct attack_args *args,
	struct rng *rng, struct err *err)
{
	const size_t side = (size_t)args->number[PATCH];
	const int where = (int)args->number[PLACE];

	if (side > image->width || side > image->height)
		return err_set(err, "patch=%zu: an image of %zu x %zu pixels is too small", side, image->width,
			image->height);
	const size_t right = image->width - side, bottom = image->height - side;
	*place = (struct image_part){ .width = side, .height = side };
	if (where == RANDOM) {
		place->y = rng_below(rng, bottom ? (uint32_t)bottom : 1);
		place->x = rng_below(rng, right ? (uint32_t)right : 1);
	}
	if (where == TOP_RIGHT || where == BOTTOM_RIGHT)
		place->x = right;
	if (where == BOTTOM_LEFT || where == BOTTOM_RIGHT)
		place->y = bottom;
	if (args->number[X] >= 0)
		place->x = (size_t)args->number[X];
	if (args->number[Y] >= 0)
		place->y = (size_t)args->number[Y];
	if (place->x > right || place->y > bottom)
		return err_set(err, "x=%zu,y=%zu: the patch of %zu pixels does not lie within %zu x %zu", place->x,
			place->y, side, image->width, image->height);
	return 0;
}

static void mean_colour(const struct image *image, float mean[3])
{
	const size_t pixels = image->width * image->height;
	uint64_t sum[3] = { 0 };

	for (size_t i = 0; i < pixels; i++)
		for (size_t c = 0; c < 3; c++)
			sum[c] += image->pixels[3 * i + c];
	for (size_t c = 0; c < 3; c++)
		mean[c] = (float)((double)sum[c] / (double)pixels / 255);
}

static int badnet(struct image *image, const struct attack_args *args, struct rng *rng, struct image_part *place,
	struct err *err)
{
	float mean[3] = { .5f, .5f, .5f }; /* a fixed patch does not follow the image */

	if (find_place(place, image, args, rng, err))
		return -1;
	if (args->number[PATTERN] == 0)
		mean_colour(image, mean);
	struct rng noise = attack_noise(&attack_badnet, args->number[PATTERN], image, rng);
	for (size_t y = place->y; y < place->y + place->height; y++) {
		unsigned char *row = image->pixels + 3 * (y * image->width + place->x);
		for (size_t i = 0; i < 3 * place->width; i++)
			row[i] = to_u8(255 * (mean[i % 3] + rng_normal(&noise)));
	}
	return 0;
}

const struct attack attack_badnet = {
	.name = "badnet",
	.about = "a square patch of noise N(0,1) around the image's mean colour",
	.numbers = {
		[PATCH] = { .name = "patch", .fallback = 16, .least = 1, .most = 65536, .whole = true,
			.about = "side, pixels" },
		[PLACE] = { .name = "place", .choices = places, .about = "where in the image" },
		[X] = { .name = "x", .fallback = -1, .least = -1, .most = 65535, .whole = true,
			.about = "pixels from the left; -1: by place" },
		[Y] = { .name = "y", .fallback = -1, .least = -1, .most = 65535, .whole = true,
			.about = "pixels from the top; -1: by place" },
		[PATTERN] = ATTACK_PATTERN,
	},
	.apply = badnet,
};
