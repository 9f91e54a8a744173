/* Text from outside, made fit for a terminal. */
#ifndef TEXT_PRINTABLE_H
#define TEXT_PRINTABLE_H

#include "core/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Control characters, line separators, and what changes the direction of writing (Unicode TR36). */
bool is_treacherous(int32_t codepoint);

/* Appends a text as one line: ASCII controls and bytes that are not UTF-8 as \xNN, other such characters as \uXXXX. */
void append_printable(struct buf *out, struct span text);

/* The same, but line feeds and tabs stay. */
void append_printable_lines(struct buf *out, struct span text);

#endif
