/* HTML pages and tables.  Text from outside never becomes markup. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "core/buf.h"

/* Appends a text for element content or a quoted attribute.  Control characters and direction marks are printed as \uXXXX,
 * bytes that are not UTF-8 as \xNN. */
void html_text(struct buf *out, struct span text);
void html_string(struct buf *out, const char *text);

/* The same, with each digest of 32 hexadecimal digits shortened to 8; its title attribute has all of them. */
void html_digests(struct buf *out, struct span text);

/* Appends 12,345. */
void html_count(struct buf *out, unsigned long long count);

/* Appends a file as the value of `src`: "data:image/png;base64,...". */
void html_data(struct buf *out, const char *type, struct span content);

/* Appends an image, `width` x `height` CSS pixels or as wide as the page, that a click shows in full size; another click or
 * Escape closes it.  name: plain text. */
void html_image(struct buf *out, const char *type, struct span content, size_t width, size_t height, struct span name);

/* A page whose style and script are inside; its Content-Security-Policy forbids everything else. */
void html_page_begin(struct buf *out, const char *title);
void html_page_end(struct buf *out, const char *footer);

/* A table, printed from left to right; opening an element closes the one before.  What is appended to `out` between two calls
 * is the content of the cell. */
struct html_table {
	struct buf *out;
	bool cards;        /* on a phone each row is a card, and each cell is labelled with the name of its column */
	bool in_body;
	size_t column;
	const char *open;  /* end tag of the open cell; NULL: none */
	struct buf labels; /* of the columns, each ended by NUL */
};

/* class: NULL or of the table, row or cell. */
void html_table_begin(struct html_table *table, struct buf *out, const char *class, bool cards);
void html_table_head(struct html_table *table, const char *class, struct span label); /* prints the label */
void html_table_row(struct html_table *table, const char *class);
void html_table_cell(struct html_table *table, const char *class);
void html_table_row_head(struct html_table *table); /* the first cell of a row, as its heading */
void html_table_end(struct html_table *table);

#endif
