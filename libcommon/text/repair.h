/* Damaged text repaired before CLIP's tokenizer sees it: ftfy.fix_text() of ftfy 6.3. */
#ifndef TEXT_REPAIR_H
#define TEXT_REPAIR_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Appends the text, line by line, with
 *   HTML5's character references replaced that end in a semicolon, also in capitals (&EACUTE;), until a '<' was seen;
 *   text that was read in a wrong encoding read again (text/mojibake.h);
 *   C1 controls read as windows-1252; Latin ligatures, full and half width characters and curly quotes replaced by plain ones;
 *   every line break a \n; terminal escapes and control characters removed; composed (NFC);
 * again until nothing changes.  The result is ftfy's (tests/tool/parity-tokens.t).  There is one exception: for hostile text, where
 * ftfy takes quadratic time ("&amp;amp;amp;..." over tens of kilobytes), repairing stops after 64 passes or 131,072 characters of
 * work, whichever is more.  text is UTF-8. */
int text_repair(struct buf *out, struct span text, struct err *err);

/* Does repairing remove it: a control character, a byte order mark? */
bool text_is_control(int32_t codepoint);

#endif
