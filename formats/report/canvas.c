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

/* The whole words that fit, or as many letters of a longer word. */
static size_t line_length(struct span text, size_t columns)
{
	size_t length = columns;

	if (text.size <= columns)
		return text.size;
	while (length && text.data[length] != ' ')
		length--;
	return length ? length : columns;
}

size_t text_wrap(struct span text, size_t columns, struct span *lines, size_t max_lines, bool *truncated)
{
	size_t count = 0;

	text = without_spaces(text);
	while (text.size && count < max_lines) {
		const size_t length = line_length(text, columns);
		lines[count++] = span_of(text.data, length);
		text = without_spaces(span_of(text.data + length, text.size - length));
	}
	*truncated = text.size > 0;
	return count;
}

enum { MAX_LINES = 8 };

/* Two dots in the line's last columns. */
static void draw_dots(struct image *canvas, size_t x, size_t y, struct span line, size_t columns, uint32_t colour, uint32_t background)
{
	const size_t letters = line.size + 2 > columns ? columns - 2 : line.size;
	const size_t end = x + letters * LETTER_WIDTH;

	canvas_fill(canvas, (struct image_part){ end, y, 2 * LETTER_WIDTH, LINE_HEIGHT }, background);
	canvas_text(canvas, end, y, span_string(".."), colour);
}

size_t canvas_paragraph(
	struct image *canvas, size_t x, size_t y, const struct paragraph *paragraph, uint32_t colour, uint32_t background, size_t *missing)
{
	const size_t columns = paragraph->width / LETTER_WIDTH;
	const size_t max_lines = paragraph->max_lines < MAX_LINES ? paragraph->max_lines : MAX_LINES;
	struct span lines[MAX_LINES];
	bool truncated;

	*missing = 0;
	if (paragraph->pango)
		return pango_paragraph(canvas, x, y, paragraph, colour, missing);
	const size_t count = text_wrap(paragraph->text, columns, lines, max_lines, &truncated);
	for (size_t i = 0; canvas && i < count; i++) {
		canvas_text(canvas, x, y + i * LINE_HEIGHT, lines[i], colour);
		if (truncated && i + 1 == count)
			draw_dots(canvas, x, y + i * LINE_HEIGHT, lines[i], columns, colour, background);
	}
	return count * LINE_HEIGHT;
}
