/* Text from outside, made fit for a terminal. */
#ifndef VIEW_PRINTABLE_H
#define VIEW_PRINTABLE_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/value.h"

#include <stdbool.h>
#include <stdint.h>

/* Control characters, line separators, and what changes the direction of writing (Unicode TR36). */
bool is_treacherous(int32_t codepoint);

/* Appends JSON with such characters as \uXXXX: the same JSON to whoever parses it. */
void append_printable_json(struct buf *out, struct span json);

/* Appends a text with such characters as \uXXXX, and bytes that are not UTF-8 as \xNN. */
void append_printable(struct buf *out, struct span text);

/* The text with U+FFFD for bytes that are not UTF-8: itself where there are none.  An empty span: no memory. */
struct span as_utf8(struct span text, struct arena *arena);

/* The value as JSON for the eye: each real with as few digits as are read back the same. */
int append_readable_json(struct buf *out, const struct value *value, struct err *err);

#endif
