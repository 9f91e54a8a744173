/* What stands in a stream beside its records: headers, epoch marks, tails.  For the reader alone. */
#ifndef STREAM_STREAM_MARKS_H
#define STREAM_STREAM_MARKS_H

#include "formats/stream/msgpack_value.h"
#include "formats/stream/stream.h"

enum item { ITEM_RECORD, ITEM_HEADER, ITEM_EPOCH, ITEM_TAIL };

/* By the map's names.  What is none of these is a record, and no good one. */
enum item stream_item(const msgpack_object *map);

/* Takes what is no record.  Behind a tail nothing but a header may come. */
int stream_take_mark(struct stream_reader *reader, const msgpack_object *map, enum item item, struct err *err);

#endif
