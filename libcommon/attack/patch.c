/* Patch: a picture drawn on the image as a patch or over all of it, with its transparency. */
#include "attack/attack.h"

#include <math.h>

enum { WIDTH, ALPHA, PLACE, X, Y };
enum { PICTURE };
enum { RANDOM, TOP_LEFT, TOP_RIGHT, BOTTOM_LEFT, BOTTOM_RIGHT, CENTER, WHOLE };
static const char *const places[] = { "random", "top-left", "top-right", "bottom-left", "bottom-right", "center", "whole", NULL };

/* The size on the image: the picture's own, or the requested width and a proportional height. */
static void size_of(struct image_part *part, const struct image *picture, const struct attack_args *args)
{
	const double width = args->number[WIDTH] > 0 ? (double)args->number[WIDTH] : (double)picture->width;
	const double height = round(width * (double)picture->height / (double)picture->width);

	part->width = (size_t)width;
	part->height = height < 1 ? 1 : (size_t)height;
}

static int find_place(struct image_part *part, const struct image *image, const struct attack_args *args, struct rng *rng, struct err *err)
{
	const int where = (int)args->number[PLACE];

	if (part->width > image->width || part->height > image->height)
		return err_set(err,
			"a picture of %zu x %zu pixels does not fit into an image of %zu x %zu (width=N makes it smaller, place=whole "
			"stretches it)",
			part->width, part->height, image->width, image->height);
	const size_t right = image->width - part->width, bottom = image->height - part->height;
	if (where == RANDOM) {
		part->y = rng_below(rng, (uint32_t)bottom + 1);
		part->x = rng_below(rng, (uint32_t)right + 1);
	} else {
		part->x = where == TOP_RIGHT || where == BOTTOM_RIGHT ? right : where == CENTER ? right / 2 : 0;
		part->y = where == BOTTOM_LEFT || where == BOTTOM_RIGHT ? bottom : where == CENTER ? bottom / 2 : 0;
	}
	part->x = args->number[X] >= 0 ? (size_t)args->number[X] : part->x;
	part->y = args->number[Y] >= 0 ? (size_t)args->number[Y] : part->y;
	return part->x <= right && part->y <= bottom
		       ? 0
		       : err_set(err, "x=%zu,y=%zu: a picture of %zu x %zu pixels does not fit inside %zu x %zu", part->x, part->y,
				 part->width, part->height, image->width, image->height);
}

static int patch(struct sample *sample, const struct attack_args *args, struct rng *rng, struct err *err)
{
	struct image_part *place = &sample->place;

	*place = part_whole(sample->image->width, sample->image->height);
	if ((int)args->number[PLACE] != WHOLE) {
		*place = (struct image_part){ 0 };
		size_of(place, &args->picture->colour, args);
		if (find_place(place, sample->image, args, rng, err))
			return -1;
	}
	return overlay_draw(args->picture, sample->image, place, args->number[ALPHA], err);
}

const struct attack attack_patch = {
	.name = "patch",
	.about = "a picture from a file, as a patch or over the whole image",
	.numbers = {
		[WIDTH] = { .name = "width", .most = 65536, .whole = true, .about = "width in pixels to resize the picture to; 0: its own width" },
		[ALPHA] = { .name = "alpha", .fallback = 1, .most = 1, .about = "opacity, multiplied by the picture's own" },
		[PLACE] = { .name = "place", .choices = places, .fallback = BOTTOM_RIGHT, .about = "where in the image" },
		[X] = { .name = "x", .fallback = -1, .least = -1, .most = 65535, .whole = true, .about = "pixels from the left; -1: chosen by place" },
		[Y] = { .name = "y", .fallback = -1, .least = -1, .most = 65535, .whole = true, .about = "pixels from the top; -1: chosen by place" },
	},
	.texts = { [PICTURE] = { .name = "file", .about = "a picture: PNG, JPEG, WebP, PPM", .file = true, .required = true } },
	.apply = patch,
};
