/* A caption as CLIP's tokenizer wants it. */
#ifndef TEXT_NORMALISE_H
#define TEXT_NORMALISE_H

#include "core/buf.h"
#include "core/err.h"

/* Appends the text repaired (text/repair.h), with HTML's character references replaced (twice: web captions are often escaped twice), white
 * space at the ends removed and each run of it inside made one blank, in lower case (Python's str.lower).
 * The text must be UTF-8: the error names the byte that is not.  Linear in the size of the text. */
int text_normalise(struct buf *out, struct span text, struct err *err);

/* The last step alone: lower case as Python's str.lower() has it, final sigma included.  Bytes that are not
 * UTF-8 are left out. */
void text_lower(struct buf *out, struct span text);

#endif
