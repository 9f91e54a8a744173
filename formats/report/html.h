/* Text from outside in an HTML page: no name, key or caption becomes markup. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "core/buf.h"

/* Appends a text, for content and for attributes in quotes.  Control characters and what changes the direction of
 * writing are shown as \uXXXX, bytes that are not UTF-8 as \xNN. */
void html_text(struct buf *out, struct span text);
void html_string(struct buf *out, const char *text);

/* Appends 12,345. */
void html_count(struct buf *out, unsigned long long count);

/* Appends the content of a file as what `src` takes: "data:image/png;base64,...". */
void html_data(struct buf *out, const char *type, struct span content);

#endif
