/* The whole report: one HTML page that needs nothing else. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "formats/report/exhibit.h"

struct page {
	const char *title;
	const char *note; /* a paragraph below it; NULL: none */
	const struct exhibit *exhibits;
	size_t count;
	const char *version; /* of the program that makes the page */
};

/* Tables, scores, training curves, pictures, and how each file was made, in this order, each where there is any.
 * *drawn: gnuplot is there; without it the curves are tables. */
int page_print(const struct page *page, struct buf *out, bool *drawn, struct err *err);

#endif
