/* A record to and from msgpack. */
#ifndef STREAM_MSGPACK_RECORD_H
#define STREAM_MSGPACK_RECORD_H

#include "core/record.h"
#include "formats/stream/msgpack_value.h"

/* The record that a map is; record->raw = bytes.  Spans point into the bytes.  It was reset before.
 * Errors: no map, no __key__ or an empty one, a name that is no string or that stands twice, a tensor whose data does
 * not fit its shape. */
int record_from_msgpack(struct record *record, struct span bytes, msgpack_zone *zone, struct err *err);

/* Appends the record: its bytes as they came where nothing was changed.  Contents of at least `least` bytes are not appended:
 * `content` is called, and out holds what comes before them.  Errors: a field of 4 GiB or more, before anything is called. */
struct record_sink {
	int (*content)(void *context, struct span content, struct err *err);
	void *context;
	size_t least;
};
int record_to_sink(const struct record *record, struct buf *out, const struct record_sink *sink, struct err *err);

#endif
