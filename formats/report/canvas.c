#include "formats/report/canvas.h"

#include <string.h>

#define GLYPH(a, b, c, d, e, f, g, h) { a, b, c, d, e, f, g, h },
static const char *const glyphs[][8] = {
#include "formats/report/font.def"
};
#undef GLYPH

enum { GLYPH_COUNT = sizeof glyphs / sizeof *glyphs, GLYPH_WIDTH = 5, GLYPH_HEIGHT = 8 };

static void set_pixel(struct image *canvas, size_t x, size_t y, uint32_t colour)
{
	if (x >= canvas->width || y >= canvas->height)
		return;
	unsigned char *pixel = canvas->pixels + 3 * (y * canvas->width + x);
	pixel[0] = (unsigned char)(colour >> 16);
	pixel[1] = (unsigned char)(colour >> 8);
	pixel[2] = (unsigned char)colour;
}

void canvas_fill(struct image *canvas, struct image_part part, uint32_t colour)
{
	for (size_t y = part.y; y < part.y + part.height; y++)
		for (size_t x = part.x; x < part.x + part.width; x++)
			set_pixel(canvas, x, y, colour);
}

void canvas_paste(struct image *canvas, size_t x, size_t y, const struct image *image, size_t scale)
{
	for (size_t row = 0; row < image->height * scale; row++)
		for (size_t column = 0; column < image->width * scale; column++) {
			const unsigned char *pixel = image->pixels + 3 * (row / scale * image->width + column / scale);
			set_pixel(canvas, x + column, y + row, (uint32_t)(pixel[0] << 16 | pixel[1] << 8 | pixel[2]));
		}
}

static void draw_glyph(struct image *canvas, size_t x, size_t y, unsigned char letter, uint32_t colour)
{
	const size_t index = (size_t)letter - ' ' < GLYPH_COUNT ? (size_t)letter - ' ' : GLYPH_COUNT - 1;

	for (size_t row = 0; row < GLYPH_HEIGHT; row++)
		for (size_t column = 0; column < GLYPH_WIDTH; column++)
			if (glyphs[index][row][column] == '#')
				set_pixel(canvas, x + column, y + row, colour);
}

void canvas_text(struct image *canvas, size_t x, size_t y, struct span text, uint32_t colour)
{
	for (size_t i = 0; i < text.size; i++)
		draw_glyph(canvas, x + i * LETTER_WIDTH, y, text.data[i], colour);
}

static struct span without_spaces(struct span text)
{
	while (text.size && text.data[0] == ' ')
		text = span_of(text.data + 1, text.size - 1);
	return text;
}

/* As many letters as fit, or as many words where there are several. */
static size_t line_length(struct span text, size_t columns)
{
	size_t length = columns;

	if (text.size <= columns)
		return text.size;
	while (length && text.data[length] != ' ')
		length--;
	return length ? length : columns;
}

size_t text_wrap(struct span text, size_t columns, struct span *lines, size_t most, bool *cut)
{
	size_t count = 0;

	text = without_spaces(text);
	while (text.size && count < most) {
		const size_t length = line_length(text, columns);
		lines[count++] = span_of(text.data, length);
		text = without_spaces(span_of(text.data + length, text.size - length));
	}
	*cut = text.size > 0;
	return count;
}
