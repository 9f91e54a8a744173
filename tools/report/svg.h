/* gnuplot's SVG made fit to stand within a page, light or dark. */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include "core/buf.h"

/* Appends what is drawn in `svg`: only shapes and texts, without names, scripts, fonts and colours, so that several
 * pictures may stand in one page and its style decides.  A colour rgb(1, N, 0) becomes the class "cN", black becomes the
 * text's own.  label: what a screen reader says, already HTML. */
void svg_clean(struct buf *out, struct span svg, size_t width, size_t height, const char *label);

#endif
