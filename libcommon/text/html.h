/* HTML's character references in text: &amp; &#39; &eacute; */
#ifndef TEXT_HTML_H
#define TEXT_HTML_H

#include "core/buf.h"

/* Appends the text with its references replaced once, exactly as Python's html.unescape does (HTML5's rules: the
 * whole list of names, the old ones also without their semicolon, windows-1252 for &#128; to &#159;).  text is
 * UTF-8. The result is never longer than the text by more than half. */
void html_unescape(struct buf *out, struct span text);

#endif
