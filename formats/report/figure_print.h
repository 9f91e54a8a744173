/* SVGs and tables that somebody else made, as they are. */
#ifndef REPORT_FIGURE_PRINT_H
#define REPORT_FIGURE_PRINT_H

#include "formats/report/exhibit.h"

void print_figures(const struct exhibit *exhibits, size_t count, struct buf *out);
void print_tables(const struct exhibit *exhibits, size_t count, struct buf *out);

#endif
