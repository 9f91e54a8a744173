/* Drawing into an image: rectangles, enlarged images, lines of small letters. */
#ifndef REPORT_CANVAS_H
#define REPORT_CANVAS_H

#include "core/buf.h"
#include "image/image.h"

#include <stdint.h>

enum { LETTER_WIDTH = 6, LINE_HEIGHT = 11 }; /* pixels, the space between them included */

/* colour: 0xRRGGBB.  What lies outside the canvas is not drawn. */
void canvas_fill(struct image *canvas, struct image_part part, uint32_t colour);

/* Each pixel becomes a square of `scale` pixels. */
void canvas_paste(struct image *canvas, size_t x, size_t y, const struct image *image, size_t scale);

/* ASCII; what has no letter is drawn as a box. */
void canvas_text(struct image *canvas, size_t x, size_t y, struct span text, uint32_t colour);

/* Cuts a text into at most `most` lines of at most `columns` letters, at spaces where there are any.  Returns how many;
 * *cut: something was left over.  The lines are borrowed from the text. */
size_t text_wrap(struct span text, size_t columns, struct span *lines, size_t most, bool *cut);

#endif
