/* HTML's character references: &amp; &#39; &eacute; */
#ifndef TEXT_HTML_H
#define TEXT_HTML_H

#include "core/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Appends the text, which is UTF-8, with its references replaced once, exactly as Python's html.unescape does (HTML5's rules: all
 * names, the old ones also without a semicolon, windows-1252 for &#128; to &#159;).  The result is at most 1.5 times as long. */
void html_unescape(struct buf *out, struct span text);

/* Moves the part before the next '&' from the text to out.  false: there was no '&', and all of the text was moved. */
bool html_next_ampersand(struct buf *out, struct span *text);

/* The windows-1252 character for a C1 control, 0x80..0x9F; the control itself if windows-1252 does not define one. */
int32_t html_windows_1252(int32_t control);

/* Appends the characters of one name ("eacute;", spelt as in HTML5).  false: unknown name. */
bool html_name(struct buf *out, struct span name);

#endif
