/* Captions prepared for CLIP's tokenizer: repaired, unescaped, in lower case. */
#ifndef TEXT_NORMALISE_H
#define TEXT_NORMALISE_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Appends the text, which must be UTF-8: repaired (text_repair), with HTML's character references replaced twice (web captions are
 * often escaped twice), white space trimmed and each run of it replaced by one space, in lower case (text_lower).
 * Error: not UTF-8; it names the byte.  Linear in the size of the text. */
int text_normalise(struct buf *out, struct span text, struct err *err);

/* Appends the text in lower case, as Python's str.lower() does, including the final sigma.  Bytes that are not UTF-8 are omitted. */
void text_lower(struct buf *out, struct span text);

/* Repairs damaged text like ftfy.fix_text() of ftfy 6.3 (repair.c).  Appends the text, which is UTF-8, line by line, with
 *   HTML5's character references replaced if they end in a semicolon, also in capitals (&EACUTE;), up to the first '<';
 *   text that was decoded in the wrong encoding decoded again (text/mojibake.h);
 *   C1 controls read as windows-1252; Latin ligatures, full-width and half-width characters and curly quotes replaced by plain ones;
 *   every line break a \n; terminal escapes and control characters removed; composed (NFC);
 * repeated until nothing changes.  The result equals ftfy's (tests/tool/parity-tokens.t) with one exception: on hostile text, where
 * ftfy takes quadratic time ("&amp;amp;amp;..." over tens of kilobytes), it stops after 64 passes or 131,072 characters of work,
 * whichever is more. */
int text_repair(struct buf *out, struct span text, struct err *err);

/* Whether text_repair removes the character: a control character or a byte order mark. */
bool text_is_control(int32_t codepoint);

#endif
