#include "formats/report/canvas.h"

#ifndef HAVE_PANGO

const char *pango_version_text(void)
{
	return NULL;
}

size_t pango_paragraph(struct image *canvas, size_t x, size_t y, const struct paragraph *paragraph, uint32_t colour, size_t *missing)
{
	(void)canvas, (void)x, (void)y, (void)paragraph, (void)colour, (void)missing;
	return 0;
}

#else

#include <pango/pangocairo.h>

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

size_t pango_paragraph(struct image *canvas, size_t x, size_t y, const struct paragraph *paragraph, uint32_t colour, size_t *missing)
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
