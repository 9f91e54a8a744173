/* Converts the JSON lines of a record stream, as `cc-view --jsonl --full` writes them, to msgpack.
 *
 * {"base64": ".."} stands for bytes; as a __key__, for a string that is not UTF-8.
 * A field of bytes that contain JSON is written as that JSON and listed in "__json__": {"json": null}.  If json_write would not reproduce
 * the bytes, or a program that has only doubles would change an integer, "__json__" also has the text: {"json": "{ \"a\": 1.0 }"}.
 * On the way back the field becomes bytes again: the listed text if it still has the same value, else what json_write makes of the
 * value. */
#ifndef DATASET_JSON_RECORD_H
#define DATASET_JSON_RECORD_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/value.h"
#include "formats/stream/limits.h"

/* Appends the msgpack map of a line: a record, a header, an epoch mark or a tail.  The arena is scratch and is reset.  Only memory is
 * limited here; the reader of the msgpack checks its structure and the limits of records.
 * Errors: not JSON ("column 7: .."), not an object, invalid base64 (with the field's name), a field that is only a summary by `cc-view`
 * without --full. */
int json_line_to_msgpack(struct span line, const struct limits *limits, struct arena *scratch, struct buf *out, struct err *err);

/* Replaces bytes that contain JSON by that JSON in a record's value (a map), and lists them in __json__.  -1: out of memory. */
int json_fields_open(struct value *record, const struct limits *limits, struct arena *arena, struct err *err);

/* Size of the longest line that a record within the limits may need. */
size_t json_line_longest(const struct limits *limits);

#endif
