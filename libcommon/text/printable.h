/* Text of unknown origin, escaped for a terminal. */
#ifndef TEXT_PRINTABLE_H
#define TEXT_PRINTABLE_H

#include "core/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Control characters, line separators, and characters that change the writing direction (Unicode TR36). */
bool is_unsafe_to_print(int32_t codepoint);

/* Appends the text as one line: ASCII controls and bytes that are not UTF-8 as \xNN, other unsafe characters as \uXXXX. */
void append_printable(struct buf *out, struct span text);

/* The same, but keeps line feeds and tabs. */
void append_printable_lines(struct buf *out, struct span text);

#endif
