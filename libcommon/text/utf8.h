/* UTF-8: code points, checks, trimming, normalisation, lines. */
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Removes the first code point from a text, which is not empty, and returns it.  If the bytes are not UTF-8, removes one and returns
 * UTF8_INVALID + byte, which differs from every code point. */
enum { UTF8_INVALID = 0x110000 };
int32_t utf8_take(struct span *text);

/* Appends a code point (0..0x10FFFF, no surrogate). */
void utf8_append(struct buf *out, int32_t codepoint);

/* The offset of the first byte that is not UTF-8; text.size: none. */
size_t utf8_first_error(struct span text);

/* -1: the text is not UTF-8.  The error names the first wrong byte, the likely encoding and the command that converts it. */
int utf8_check(struct span text, struct err *err);

/* Letters, digits and the marks that belong to them. */
bool utf8_is_word(int32_t codepoint);

/* White space, as in Python's str.isspace(). */
bool utf8_is_space(int32_t codepoint);

/* The text without white space at its ends. */
struct span utf8_trim(struct span text);

/* Appends the text, which is UTF-8, in Unicode normalisation form C (UAX #15): "e" and U+0301 become U+00E9.  Takes linear time, also
 * for long runs of combining marks, which utf8proc_map() sorts in quadratic time.  Error: out of memory. */
int text_compose(struct buf *out, struct span text, struct err *err);

/* The text without the UTF-8 byte order mark that some editors put in front. */
struct span without_bom(struct span text);

/* The lines of a text file that people write (names, keys).  A byte order mark is skipped; lines may end in CR LF. */
struct lines {
	struct span rest;
	size_t number; /* of the last line returned, from 1 */
};

struct lines lines_of(struct span text);

/* 1: the next line, borrowed from the text, without its end; 0: no more; -1: the line contains a NUL byte, which no name has. */
int lines_next(struct lines *lines, struct span *line, struct err *err);

#endif
