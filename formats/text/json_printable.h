/* JSON that is safe to print on a terminal. */
#ifndef TEXT_JSON_PRINTABLE_H
#define TEXT_JSON_PRINTABLE_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/value.h"
#include "text/printable.h"

#include <stdbool.h>
#include <stdint.h>

/* Appends JSON with control and invisible characters as \uXXXX.  It still parses to the same value. */
void append_printable_json(struct buf *out, struct span json);

/* The text with U+FFFD for bytes that are not UTF-8; the text itself if there are none.  Empty if out of memory. */
struct span as_utf8(struct span text, struct arena *arena);

/* Appends the value as JSON with the fewest digits for each real that read back the same value. */
int append_readable_json(struct buf *out, const struct value *value, struct err *err);

#endif
