/* Size, description and content of an SVG, without an XML parser. */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include "core/buf.h"

#include <stdbool.h>

/* Of its viewBox, or its width and height.  false: it has neither. */
bool svg_size(struct span svg, size_t *width, size_t *height);

/* The text of its first <desc>, with its XML escapes; empty: it has none. */
struct span svg_about(struct span svg);

/* Everything inside the root element, unchecked: only for drawings of this program. */
struct span svg_inside(struct span svg);

/* Does its style have colours for dark mode? */
bool svg_has_dark_mode(struct span svg);

#endif
