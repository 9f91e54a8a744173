/* JSON text <-> struct value, by jansson. */
#ifndef TEXT_JSON_H
#define TEXT_JSON_H

#include "core/err.h"
#include "core/value.h"
#include "formats/stream/limits.h"
#include "core/buf.h"

#include <stdbool.h>

/* Reads one JSON text of any kind.  Everything lives in the arena.  Limits (bytes: limits->record, depth, elements) are
 * checked before the parser runs; so is the number of names of one object (KEYS_MOST) after it.  A duplicate name is an error.
 * A byte order mark is skipped, and what Python's json writes is read: NaN and Infinity as null, half a surrogate pair as
 * U+FFFD, integers beyond 63 bits as reals.  Errors say line and column. */
int json_read(struct span text, const struct limits *limits, struct arena *arena, struct value *value, struct err *err);

/* The same for a text of one line, whose number the caller knows: errors say only the column.  Integers beyond 63 bits are errors. */
int json_read_line(struct span text, const struct limits *limits, struct arena *arena, struct value *value, struct err *err);

/* Appends the value on one line, without a newline; or indented by two spaces a level.
 * Bytes, and strings that are not UTF-8, become {"base64": ".."}; numbers that are not finite become null; reals have
 * as many digits as they need to be read back the same.  A map's name that is not UTF-8 is an error. */
int json_write(const struct value *value, struct buf *out, struct err *err);
int json_write_indented(const struct value *value, struct buf *out, struct err *err);

/* A number that a float or a measurement gave, as a real of at most 9 digits: enough to get the float back. */
struct value json_rounded(double number);

/* For json.c alone: JSON that other programs write and the standard does not have (json_repair.c). */

/* Bytes of the number that begins there. */
size_t json_number_size(struct span text, size_t begin);

/* Appends the text.  NaN, Infinity, -Infinity and reals outside the range of a double become null, as they have no value in
 * JSON; the escape of half a surrogate pair becomes U+FFFD; with big_as_real, integers beyond 63 bits become reals. */
void json_repair(struct span text, bool big_as_real, struct buf *out);

#endif
