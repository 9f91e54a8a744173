/* JSON lines of a record stream, as `cc-view --jsonl --full` writes them, to msgpack.
 * {"base64": ".."} is binary, and of a __key__ the string that it could not write otherwise.
 * A field of bytes that hold JSON is written as that JSON, and listed in "__json__": {"json": null}.  Where json_write would give other
 * bytes, or a program with only doubles would change an integer, it has them as a string: {"json": "{ \"a\": 1.0 }"}.  On the way back such a field is bytes again: those, as long as the JSON
 * is what they say, else what json_write makes of it. */
#ifndef DATASET_JSON_RECORD_H
#define DATASET_JSON_RECORD_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/value.h"
#include "formats/stream/limits.h"

/* Appends the msgpack map that the line says: a record, a header, an epoch mark, a tail.  The arena is scratch, which is reset.
 * Whether it is one of these, and within the limits, is for who reads the msgpack; here only what it takes to get there is bounded.
 * Errors: no JSON ("column 7: .."), no map, base64 that is none (with the field's name), a field of which there
 * is only what `cc-view` says of it without --full. */
int json_line_to_msgpack(struct span line, const struct limits *limits, struct arena *scratch, struct buf *out, struct err *err);

/* Opens what is JSON among the bytes of a record's value (a map), and lists it.  -1: no memory. */
int json_fields_open(struct value *record, const struct limits *limits, struct arena *arena, struct err *err);

/* The longest line that a record within the limits may need. */
size_t json_line_longest(const struct limits *limits);

#endif
