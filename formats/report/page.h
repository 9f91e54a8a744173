/* The report: one HTML page that needs no other file. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "formats/report/exhibit.h"

struct page {
	const char *title;
	const char *note; /* a paragraph below the title; NULL: none */
	const struct exhibit *exhibits;
	size_t count;
	const char *version; /* of cc-view */
};

/* Appends tables, scores, training curves, pictures and provenance, in this order, each if there is any.
 * *drawn: false if the curves are tables because gnuplot is not installed. */
int page_print(const struct page *page, struct buf *out, bool *drawn, struct err *err);

#endif
