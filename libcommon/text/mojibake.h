/* UTF-8 that somebody took for windows-1252 or Latin-1: "itâ€™s", "cafÃ©". */
#ifndef TEXT_MOJIBAKE_H
#define TEXT_MOJIBAKE_H

#include "core/buf.h"

/* Appends the text as it was meant.  What is read again is the whole text, or else each run of characters that are not ASCII, where it
 * is such a mistake beyond doubt: every character has a place in windows-1252, the bytes there are UTF-8, and among them are two
 * sequences, or one that begins as Latin-1's, typography's or emoji's do (so that "CAFÉ®" stays).  true: something was read again.
 * ftfy finds more: other encodings, lost bytes.  Its tables of unlikely neighbours are not repeated here. */
bool mojibake_repair(struct buf *out, struct span text);

#endif
