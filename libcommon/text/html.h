/* HTML's character references in text: &amp; &#39; &eacute; */
#ifndef TEXT_HTML_H
#define TEXT_HTML_H

#include "core/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Appends the text with its references replaced once, exactly as Python's html.unescape does (HTML5's rules: the
 * whole list of names, the old ones also without their semicolon, windows-1252 for &#128; to &#159;).  text is
 * UTF-8. The result is never longer than the text by more than half. */
void html_unescape(struct buf *out, struct span text);

/* Appends what stands before the next '&' and takes it off the text.  false: there is none, and all is taken. */
bool html_next_ampersand(struct buf *out, struct span *text);

/* What windows-1252 has in the place of a C1 control; 0x80..0x9F itself where it has nothing. */
int32_t html_windows_1252(int32_t control);

/* Appends what one name stands for ("eacute;", as HTML5 spells it).  false: there is no such name. */
bool html_name(struct buf *out, struct span name);

#endif
