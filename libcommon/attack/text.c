/* Text: red letters over the middle of the image, or words in its caption.  (Blended-Text of Singh et al. 2024, "Perturb and Recover", with its word, colour,
 * share and width; the letters are drawn here, so that no font is needed.) */
#include "attack/attack.h"

#include <math.h>
#include <string.h>

enum { ALPHA, WIDTH };
enum { WORDS, AT };
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

/* The word is drawn with cells of `cell` pixels, from (left, top) on. */
struct layout {
	double left, top, cell;
};

static double shared(double a, double b, double c, double d)
{
	const double length = fmin(b, d) - fmax(a, c);

	return length > 0 ? length : 0;
}

/* The share of a pixel that letters cover. */
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

/* The red is multiplied by the coverage, so that edges become darker, as published. */
static int text(struct sample *sample, const struct attack_args *args, struct rng *rng, struct err *err)
{
	struct image *image = sample->image;
	struct image_part *place = &sample->place;
	const double width = (double)image->width * (double)args->number[WIDTH], height = width * ROWS / COLUMNS;
	const struct layout layout = { ((double)image->width - width) / 2, ((double)image->height - height) / 2, width / COLUMNS };

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

static bool in_caption(const struct attack_args *args)
{
	return args->text[WORDS] != NULL;
}

/* Words can be inserted before each word and at the end.  Words are separated by spaces. */
static size_t place_of(struct span caption, size_t number)
{
	size_t at = 0;

	for (; at < caption.size && number; number--) {
		while (at < caption.size && caption.data[at] != ' ')
			at++;
		while (at < caption.size && caption.data[at] == ' ')
			at++;
	}
	return at;
}

static size_t count_words(struct span caption)
{
	size_t count = 0;

	while (place_of(caption, count) < caption.size)
		count++;
	return count;
}

static int write_caption(struct buf *out, const struct sample *sample, const struct attack_args *args, struct rng *rng, struct err *err)
{
	const struct span caption = sample->caption;
	const char *place = args->text[AT] ? args->text[AT] : "start";
	const bool random = strcmp(place, "random") == 0, end = strcmp(place, "end") == 0;

	if (!random && !end && strcmp(place, "start") != 0)
		return err_set(err, "at=%s: must be start, end or random", place);
	if (!caption.data)
		return err_set(err, "txt: the record has no caption to insert words into");
	const size_t words = count_words(caption);
	const size_t at = place_of(caption, random ? rng_below(rng, (uint32_t)words + 1) : end ? words : 0);
	buf_append(out, caption.data, at);
	buf_printf(out, "%s%s%s", at && caption.data[at - 1] != ' ' ? " " : "", args->text[WORDS], at < caption.size ? " " : "");
	buf_append(out, caption.data + at, caption.size - at);
	return 0;
}

const struct attack attack_text = {
	.name = "text",
	.about = "the word \"Watermarked\" in red over the middle of the image, or words in the caption",
	.numbers = {
		[ALPHA] = { .name = "alpha", .fallback = .5f, .most = 1, .about = "share of the red" },
		[WIDTH] = { .name = "width", .fallback = .88f, .least = .01f, .most = 1, .about = "width of the word, as a share of the image's" },
	},
	.texts = {
		[WORDS] = { .name = "words", .about = "words for the caption; the image is not changed" },
		[AT] = { .name = "at", .about = "where in the caption: start (the default), end, or random" },
	},
	.apply = text,
	.in_caption = in_caption,
	.write_caption = write_caption,
};
