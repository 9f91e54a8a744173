/* What a page needs of an SVG: its size, its description, and the content of its root element. */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include "core/buf.h"

#include <stdbool.h>

/* The size of its viewBox, or its width and height.  false: it has neither. */
bool svg_size(struct span svg, size_t *width, size_t *height);

/* The text of its first <desc>, still as XML; empty: it has none. */
struct span svg_about(struct span svg);

/* What is inside the root element, as it is: only for a drawing that this program made itself. */
struct span svg_inside(struct span svg);

/* Whether its own style has colours for dark mode. */
bool svg_has_dark_mode(struct span svg);

#endif
