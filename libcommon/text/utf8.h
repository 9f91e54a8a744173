/* UTF-8 read code point by code point. */
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Takes the first code point off a text that is not empty.  Of bytes that are not UTF-8 one is taken, and
 * UTF8_INVALID + byte returned: it equals itself only. */
enum { UTF8_INVALID = 0x110000 };
int32_t utf8_take(struct span *text);

/* Appends a code point (0..0x10FFFF, no surrogate). */
void utf8_append(struct buf *out, int32_t codepoint);

/* The offset of the first byte that is not UTF-8; text.size where all of it is. */
size_t utf8_first_error(struct span text);

/* -1: the text is not UTF-8.  err names the first wrong byte, and what the text looks like with the command that converts it. */
int utf8_check(struct span text, struct err *err);

/* Letters, digits and the marks that belong to them. */
bool utf8_is_word(int32_t codepoint);

/* White space as Python's str.isspace() has it. */
bool utf8_is_space(int32_t codepoint);

/* The text without white space at its ends. */
struct span utf8_trim(struct span text);

/* Unicode normalisation form C (UAX #15). */

/* Appends the text composed (NFC): "e" and U+0301 become U+00E9.  text is UTF-8; text without any character from U+0300 on is
 * copied, because all of it is composed already.  Time is linear in the size of the text, however many combining marks follow
 * one another (utf8proc_map() sorts them in quadratic time).  Error: out of memory. */
int text_compose(struct buf *out, struct span text, struct err *err);

#endif
