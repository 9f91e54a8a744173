/* What stands in a stream beside its records: headers, epoch marks, tails.  For the reader alone. */
#ifndef FORMATS_STREAM_MARKS_H
#define FORMATS_STREAM_MARKS_H

#include "formats/msgpack_value.h"
#include "formats/stream.h"

enum item { ITEM_RECORD, ITEM_HEADER, ITEM_EPOCH, ITEM_TAIL };

/* By the map's names.  What is none of these is a record, and no good one. */
enum item stream_item(const msgpack_object *map);

/* Takes what is no record.  Behind a tail nothing but a header may come. */
int stream_take_mark(struct stream_reader *reader, const msgpack_object *map, enum item item, struct err *err);

#endif
