#include "formats/report/canvas.h"

#include <string.h>
#ifdef HAVE_PANGO
#include <pango/pangocairo.h>
#endif

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

#ifndef HAVE_PANGO

const char *pango_version_text(void)
{
	return NULL;
}

static size_t pango_paragraph(struct image *canvas, size_t x, size_t y, const struct paragraph *paragraph, uint32_t colour, size_t *missing)
{
	(void)canvas, (void)x, (void)y, (void)paragraph, (void)colour, (void)missing;
	return 0;
}

#else

enum { FONT_PIXELS = 12 };

const char *pango_version_text(void)
{
	return pango_version_string();
}

static void blend(unsigned char *byte, uint32_t colour, unsigned alpha)
{
	*byte = (unsigned char)((*byte * (255 - alpha) + (colour & 255) * alpha + 127) / 255);
}

/* coverage: an 8-bit alpha mask, drawn in the colour. */
static void blend_mask(struct image *canvas, size_t x, size_t y, cairo_surface_t *coverage, uint32_t colour)
{
	const size_t width = (size_t)cairo_image_surface_get_width(coverage), height = (size_t)cairo_image_surface_get_height(coverage);
	const size_t stride = (size_t)cairo_image_surface_get_stride(coverage);
	const unsigned char *alpha = cairo_image_surface_get_data(coverage);

	cairo_surface_flush(coverage);
	for (size_t row = 0; alpha && row < height && y + row < canvas->height; row++)
		for (size_t column = 0; column < width && x + column < canvas->width; column++) {
			unsigned char *pixel = canvas->pixels + 3 * ((y + row) * canvas->width + x + column);
			const unsigned cover = alpha[row * stride + column];
			blend(&pixel[0], colour >> 16, cover);
			blend(&pixel[1], colour >> 8, cover);
			blend(&pixel[2], colour, cover);
		}
}

static PangoLayout *make_layout(cairo_t *context, const struct paragraph *paragraph)
{
	PangoLayout *layout = pango_cairo_create_layout(context);
	PangoFontDescription *font = pango_font_description_from_string("Sans");

	pango_font_description_set_absolute_size(font, FONT_PIXELS * PANGO_SCALE);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	pango_layout_set_width(layout, (int)paragraph->width * PANGO_SCALE);
	pango_layout_set_height(layout, -(int)paragraph->max_lines);
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
	pango_layout_set_text(layout, (const char *)paragraph->text.data, (int)paragraph->text.size);
	return layout;
}

static size_t pango_paragraph(struct image *canvas, size_t x, size_t y, const struct paragraph *paragraph, uint32_t colour, size_t *missing)
{
	cairo_surface_t *probe = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
	cairo_t *context = cairo_create(probe);
	PangoLayout *layout = make_layout(context, paragraph);
	int width, height;

	pango_layout_get_pixel_size(layout, &width, &height);
	*missing = (size_t)pango_layout_get_unknown_glyphs_count(layout);
	g_object_unref(layout);
	cairo_destroy(context);
	cairo_surface_destroy(probe);
	if (!canvas || height <= 0)
		return height > 0 ? (size_t)height : 0;
	cairo_surface_t *coverage = cairo_image_surface_create(CAIRO_FORMAT_A8, (int)paragraph->width, height);
	context = cairo_create(coverage);
	layout = make_layout(context, paragraph);
	pango_cairo_show_layout(context, layout);
	blend_mask(canvas, x, y, coverage, colour);
	g_object_unref(layout);
	cairo_destroy(context);
	cairo_surface_destroy(coverage);
	return (size_t)height;
}

#endif

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
