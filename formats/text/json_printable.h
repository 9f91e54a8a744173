/* Values from outside as JSON, made fit for a terminal. */
#ifndef TEXT_JSON_PRINTABLE_H
#define TEXT_JSON_PRINTABLE_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/value.h"
#include "text/printable.h"

#include <stdbool.h>
#include <stdint.h>

/* Appends JSON with treacherous characters as \uXXXX: the same JSON to whoever parses it. */
void append_printable_json(struct buf *out, struct span json);

/* The text with U+FFFD for bytes that are not UTF-8: itself where there are none.  An empty span: no memory. */
struct span as_utf8(struct span text, struct arena *arena);

/* The value as JSON for the eye: each real with as few digits as are read back the same. */
int append_readable_json(struct buf *out, const struct value *value, struct err *err);

#endif
