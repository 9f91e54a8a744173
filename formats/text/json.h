/* Reads and writes JSON text as struct value, with jansson. */
#ifndef TEXT_JSON_H
#define TEXT_JSON_H

#include "core/err.h"
#include "core/value.h"
#include "formats/stream/limits.h"
#include "core/buf.h"

#include <stdbool.h>

/* Reads one JSON value.  Everything lives in the arena.  Limits (bytes: limits->record, depth, elements) are checked before the parser
 * runs, the number of names in an object (KEYS_MOST) after it.  A duplicate name is an error.  A byte order mark is skipped, and the
 * output of Python's json module is accepted: NaN and Infinity become null, half a surrogate pair U+FFFD, integers of more than 63 bits
 * reals.  Errors name line and column. */
int json_read(struct span text, const struct limits *limits, struct arena *arena, struct value *value, struct err *err);

/* The same for a single line, whose number the caller knows: errors name only the column.  Integers of more than 63 bits are errors. */
int json_read_line(struct span text, const struct limits *limits, struct arena *arena, struct value *value, struct err *err);

/* Appends the value on one line without a newline, or indented by two spaces per level.
 * Bytes, and strings that are not UTF-8, become {"base64": ".."}; numbers that are not finite become null; reals have as many digits as
 * are needed to read back the same value.  A map with a name that is not UTF-8 is an error. */
int json_write(const struct value *value, struct buf *out, struct err *err);
int json_write_indented(const struct value *value, struct buf *out, struct err *err);

/* The number rounded to 9 digits, which is enough to read back a float. */
struct value json_rounded(double number);

/* For json.c only: accepts non-standard JSON that other programs write (json_repair.c). */

/* Size in bytes of the number at `begin`. */
size_t json_number_size(struct span text, size_t begin);

/* Appends the text with repairs: NaN, Infinity, -Infinity and reals outside the range of a double become null; the escape of half a
 * surrogate pair becomes U+FFFD; with big_as_real, integers of more than 63 bits become reals. */
void json_repair(struct span text, bool big_as_real, struct buf *out);

#endif
