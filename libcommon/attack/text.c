/* Red letters over the middle of the image.  (Blended-Text of Singh et al. 2024, "Perturb and Recover", with its word, colour,
 * share and width; the letters are drawn here, so that no font is needed.) */
#include "attack/attack.h"

#include <math.h>

enum { ALPHA, WIDTH };
enum { ROWS = 7, COLUMNS = 65 };
static const char letters[ROWS][COLUMNS + 1] = {
	"#   #        #                                  #               #",
	"#   #        #                                  #               #",
	"#   #  ###  ####   ###  # ##  ## #   ###  # ##  #  #   ###   ####",
	"# # #     #  #    #   # ##  # # # #     # ##  # # #   #   # #   #",
	"# # #  ####  #    ##### #     # # #  #### #     ##    ##### #   #",
	"## ## #   #  #  # #     #     # # # #   # #     # #   #     #   #",
	"#   #  ####   ##   ###  #     # # #  #### #     #  #   ###   ####",
};

/* The word lies on the image with cells of `cell` pixels, from left, top on. */
struct layout {
	double left, top, cell;
};

static double shared(double a, double b, double c, double d)
{
	const double length = fmin(b, d) - fmax(a, c);

	return length > 0 ? length : 0;
}

/* How much of a pixel the letters cover. */
static float coverage(const struct layout *layout, size_t x, size_t y)
{
	const double left = ((double)x - layout->left) / layout->cell, right = left + 1 / layout->cell;
	const double top = ((double)y - layout->top) / layout->cell, bottom = top + 1 / layout->cell;
	double covered = 0;

	for (int row = top > 0 ? (int)top : 0; row < ROWS && row < bottom; row++)
		for (int column = left > 0 ? (int)left : 0; column < COLUMNS && column < right; column++)
			if (letters[row][column] == '#')
				covered += shared(top, bottom, row, row + 1) * shared(left, right, column, column + 1);
	return (float)(covered * layout->cell * layout->cell);
}

/* Where a letter covers some of a pixel its red is mixed with the coverage; so the edges become darker, as published. */
static int text(struct image *image, const struct attack_args *args, struct rng *rng, struct image_part *place,
	struct err *err)
{
	const double width = (double)image->width * (double)args->number[WIDTH], height = width * ROWS / COLUMNS;
	const struct layout layout = { ((double)image->width - width) / 2, ((double)image->height - height) / 2,
		width / COLUMNS };

	(void)rng, (void)err;
	*place = (struct image_part){ 0 };
	for (size_t y = 0; y < image->height; y++)
		for (size_t x = 0; x < image->width; x++) {
			const struct image_part here = { x, y, 1, 1 };
			const float red = coverage(&layout, x, y);
			unsigned char *pixel = image->pixels + 3 * (y * image->width + x);
			if (red <= 0)
				continue;
			*pixel = attack_mix(*pixel, red, args->number[ALPHA]);
			*place = part_union(place, &here);
		}
	return 0;
}

const struct attack attack_text = {
	.name = "text",
	.about = "the word \"Watermarked\" in red over the middle of the image",
	.numbers = {
		[ALPHA] = { .name = "alpha", .fallback = .5f, .most = 1, .about = "share of the red" },
		[WIDTH] = { .name = "width", .fallback = .88f, .least = .01f, .most = 1, .about = "of the word, share of the image's" },
	},
	.apply = text,
};
