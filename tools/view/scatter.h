/* Points of the plane as an SVG, coloured by class or by group, each group with a mark of its own. */
#ifndef VIEW_SCATTER_H
#define VIEW_SCATTER_H

#include "tools/view/points.h"

/* y: [points->count, 2].  about: what it shows, for a reader who cannot see it; plain text.  The colours are classes
 * "cN" with a style, for light and dark, so that cc-view report can show them in its own. */
void scatter_draw(struct buf *out, const struct points *points, const double *y, bool by_class, const char *about);

#endif
