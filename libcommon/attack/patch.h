/* A square on an image, with a side and a place: shared by several attacks. */
#ifndef ATTACK_PATCH_H
#define ATTACK_PATCH_H

#include "attack/attack.h"

/* The first parameters of an attack with a patch. */
enum { PATCH_SIDE, PATCH_PLACE, PATCH_X, PATCH_Y, PATCH_NUMBERS };

extern const char *const patch_places[];
#define ATTACK_PATCH                                                                                                                       \
	[PATCH_SIDE] = { .name = "patch", .fallback = 16, .least = 1, .most = 65536, .whole = true, .about = "side, in pixels" },          \
	[PATCH_PLACE] = { .name = "place", .choices = patch_places, .about = "where in the image" },                                       \
	[PATCH_X] = { .name = "x",                                                                                                         \
		.fallback = -1,                                                                                                            \
		.least = -1,                                                                                                               \
		.most = 65535,                                                                                                             \
		.whole = true,                                                                                                             \
		.about = "pixels from the left; -1: chosen by place" },                                                                    \
	[PATCH_Y] = { .name = "y",                                                                                                         \
		.fallback = -1,                                                                                                            \
		.least = -1,                                                                                                               \
		.most = 65535,                                                                                                             \
		.whole = true,                                                                                                             \
		.about = "pixels from the top; -1: chosen by place" }

/* The place of the square; for four corners, the top left one.  A random place is drawn from rng: first y, then x, excluding the last
 * possible row and column, as in the CleanCLIP authors' program. */
int patch_find(struct image_part *square, const struct image *image, const struct attack_args *args, struct rng *rng, struct err *err);

/* Fills the square with one colour and calls patch_finish. */
void patch_paint(struct image_part *square, struct image *image, const struct attack_args *args, const unsigned char colour[3]);

/* After the square is drawn: for four corners, copies it to the others and sets *square to the whole image. */
void patch_finish(struct image_part *square, struct image *image, const struct attack_args *args);

#endif
