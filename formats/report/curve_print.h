/* Training curves as HTML. */
#ifndef REPORT_CURVE_PRINT_H
#define REPORT_CURVE_PRINT_H

#include "formats/report/exhibit.h"

/* A picture for each name; exhibits of one name (seeds) share it.  *drawn: gnuplot is installed; without it there are
 * tables of numbers instead. */
int curves_print(const struct exhibit *exhibits, size_t count, struct buf *out, bool *drawn, struct err *err);

#endif
