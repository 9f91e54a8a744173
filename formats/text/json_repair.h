/* JSON that other programs write and the standard does not have, as JSON that it has. */
#ifndef TEXT_JSON_REPAIR_H
#define TEXT_JSON_REPAIR_H

#include "core/buf.h"

#include <stdbool.h>

/* Bytes of the number that begins there. */
size_t json_number_size(struct span text, size_t begin);

/* Appends the text.  NaN, Infinity, -Infinity and reals outside the range of a double become null, as they have no value in
 * JSON; the escape of half a surrogate pair becomes U+FFFD; with big_as_real, integers beyond 63 bits become reals. */
void json_repair(struct span text, bool big_as_real, struct buf *out);

#endif
