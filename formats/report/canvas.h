/* Drawing into an image: rectangles, enlarged images, text. */
#ifndef REPORT_CANVAS_H
#define REPORT_CANVAS_H

#include "core/buf.h"
#include "image/image.h"

#include <stdbool.h>
#include <stdint.h>

enum { LETTER_WIDTH = 6, LINE_HEIGHT = 11 }; /* pixels of the built-in font, including the space between letters and lines */

/* colour: 0xRRGGBB.  Pixels outside the canvas are not drawn. */
void canvas_fill(struct image *canvas, struct image_part part, uint32_t colour);

/* Each pixel becomes a square of `scale` pixels. */
void canvas_paste(struct image *canvas, size_t x, size_t y, const struct image *image, size_t scale);

/* One line in the built-in font.  text: ASCII; any other byte is drawn as a box. */
void canvas_text(struct image *canvas, size_t x, size_t y, struct span text, uint32_t colour);

/* Breaks a text into at most max_lines lines of at most `columns` letters, at spaces if possible.  Returns the number of
 * lines, which are borrowed from the text.  *truncated: some text did not fit. */
size_t text_wrap(struct span text, size_t columns, struct span *lines, size_t max_lines, bool *truncated);

/* A paragraph `width` pixels wide and at most max_lines high; the rest is replaced by dots. */
struct paragraph {
	struct span text; /* ASCII for the built-in font, UTF-8 for Pango */
	size_t width, max_lines;
	bool pango;
};

/* Draws it on a background of one colour and returns its height in pixels.  canvas NULL: only measures.
 * *missing: the number of characters that the font lacks, which are drawn as boxes (Pango only). */
size_t canvas_paragraph(
	struct image *canvas, size_t x, size_t y, const struct paragraph *paragraph, uint32_t colour, uint32_t background, size_t *missing);

/* The version of Pango (pango.gnome.org), which draws any script in the fonts of the system.  NULL: built without it. */
const char *pango_version_text(void);

#endif
