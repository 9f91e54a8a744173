/* Mangled text mended, as CLIP's tokenizer does first of all: what ftfy 6 does by default. */
#ifndef TEXT_REPAIR_H
#define TEXT_REPAIR_H

#include "core/buf.h"
#include "core/err.h"

/* Appends the text, line by line, with
 *   references of HTML5 replaced that end in a semicolon, also in capitals (&EACUTE;), until a '<' was seen;
 *   UTF-8 that was taken for windows-1252 read again (see text/mojibake.h: less than ftfy does);
 *   C1 controls read as windows-1252; Latin ligatures, full and half width characters, curly quotes made plain ones;
 *   every line break a \n; terminal escapes and control characters removed; composed (NFC);
 * again until nothing changes, but 64 times at most (ftfy: without end), so that hostile text costs linear time.
 * text is UTF-8. */
int text_repair(struct buf *out, struct span text, struct err *err);

#endif
