/* Unicode normalisation form C (UAX #15). */
#ifndef TEXT_NFC_H
#define TEXT_NFC_H

#include "core/buf.h"
#include "core/err.h"

/* Appends the text composed (NFC): "e" and U+0301 become U+00E9.  text is UTF-8; text without any character from U+0300 on is
 * copied, because all of it is composed already.  Time is linear in the size of the text, however many combining marks follow
 * one another (utf8proc_map() sorts them in quadratic time).  Error: out of memory. */
int text_compose(struct buf *out, struct span text, struct err *err);

#endif
