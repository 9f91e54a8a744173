/* An SVG, gnuplot's or ours, made fit to stand within a page, light or dark. */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include "core/buf.h"

#include <stdbool.h>

/* Appends what is drawn in `svg`: only shapes and texts, without names, scripts, fonts and colours, so that several
 * pictures may stand in one page and its style decides.  A colour rgb(1, N, 0) becomes the class "cN", and a class of that
 * name stays; black and colours that have a name become the text's own, other numbers stay.  label: what a screen reader says, already HTML. */
void svg_clean(struct buf *out, struct span svg, size_t width, size_t height, const char *label);

/* What its viewBox says, or its width and height.  false: neither. */
bool svg_size(struct span svg, size_t *width, size_t *height);

/* The text of its first <desc>, still as HTML; empty: it has none. */
struct span svg_about(struct span svg);

#endif
