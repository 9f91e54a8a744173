#include "attack/patch.h"

#include <string.h>

enum { RANDOM, TOP_LEFT, TOP_RIGHT, BOTTOM_LEFT, BOTTOM_RIGHT, CENTER, FOUR_CORNERS };
const char *const patch_places[] = { "random", "top-left", "top-right", "bottom-left", "bottom-right", "center", "four-corners", NULL };

/* right, bottom: the largest x and y at which the square fits. */
static void by_place(struct image_part *square, int where, size_t right, size_t bottom, struct rng *rng)
{
	if (where == RANDOM) {
		square->y = rng_below(rng, bottom ? (uint32_t)bottom : 1);
		square->x = rng_below(rng, right ? (uint32_t)right : 1);
	}
	if (where == TOP_RIGHT || where == BOTTOM_RIGHT)
		square->x = right;
	if (where == BOTTOM_LEFT || where == BOTTOM_RIGHT)
		square->y = bottom;
	if (where == CENTER) {
		square->x = right / 2;
		square->y = bottom / 2;
	}
}

int patch_find(struct image_part *square, const struct image *image, const struct attack_args *args, struct rng *rng, struct err *err)
{
	const size_t side = (size_t)args->number[PATCH_SIDE];
	const int where = (int)args->number[PATCH_PLACE];
	const size_t rows = where == FOUR_CORNERS ? 2 : 1;
	const bool own_x = args->number[PATCH_X] >= 0, own_y = args->number[PATCH_Y] >= 0;

	if (rows * side > image->width || rows * side > image->height)
		return err_set(err, "patch=%zu: an image of %zu x %zu pixels is too small%s", side, image->width, image->height,
			rows == 2 ? " for four of them" : "");
	if (where == FOUR_CORNERS && (own_x || own_y))
		return err_set(err, "x and y cannot be used with place=four-corners");
	const size_t right = image->width - side, bottom = image->height - side;
	*square = (struct image_part){ .width = side, .height = side };
	by_place(square, where, right, bottom, rng);
	if (own_x)
		square->x = (size_t)args->number[PATCH_X];
	if (own_y)
		square->y = (size_t)args->number[PATCH_Y];
	if (square->x > right || square->y > bottom)
		return err_set(err, "x=%zu,y=%zu: the patch of %zu pixels does not fit inside %zu x %zu", square->x, square->y, side,
			image->width, image->height);
	return 0;
}

void patch_paint(struct image_part *square, struct image *image, const struct attack_args *args, const unsigned char colour[3])
{
	for (size_t y = square->y; y < square->y + square->height; y++) {
		unsigned char *row = image->pixels + 3 * (y * image->width + square->x);
		for (size_t i = 0; i < 3 * square->width; i++)
			row[i] = colour[i % 3];
	}
	patch_finish(square, image, args);
}

void patch_finish(struct image_part *square, struct image *image, const struct attack_args *args)
{
	const size_t side = square->width, width = image->width, height = image->height;

	if ((int)args->number[PATCH_PLACE] != FOUR_CORNERS)
		return;
	for (size_t y = 0; y < side; y++) {
		const unsigned char *row = image->pixels + 3 * y * width;
		unsigned char *low = image->pixels + 3 * (height - side + y) * width;
		memcpy(image->pixels + 3 * (y * width + width - side), row, 3 * side);
		memcpy(low, row, 3 * side);
		memcpy(low + 3 * (width - side), row, 3 * side);
	}
	*square = part_whole(width, height);
}
