/* Bytes that are UTF-8 but for what a careless program did to them. */
#ifndef TEXT_MOJIBAKE_BYTES_H
#define TEXT_MOJIBAKE_BYTES_H

#include "core/buf.h"

#include <stdbool.h>

/* What U+FFFD is in the windows encodings: a byte that was lost. */
enum { LOST_BYTE = 0x1A };

/* Appends the bytes, where a blank inside a sequence becomes the byte A0 that it was; after "à" as a word the blank stays. */
void restore_blanks(struct buf *out, struct span bytes);

/* Appends the bytes, each sequence with a lost byte as U+FFFD.  A question mark may stand for one lost byte. */
void replace_lost(struct buf *out, struct span bytes);

/* Appends the bytes as UTF-8.  Read are UTF-8, CESU-8 (each half of a surrogate pair by itself) and Java's C0 80 for U+0000.
 * false: they are something else. */
bool decode_utf8_variants(struct buf *out, struct span bytes);

#endif
