/* Readers and writers of record streams (formats/STREAM.md): a header, epoch marks, records and a tail, all of them msgpack maps. */
#ifndef STREAM_STREAM_H
#define STREAM_STREAM_H

#include "core/record.h"
#include "formats/stream/digest.h"
#include "formats/stream/limits.h"
#include "formats/stream/msgpack.h"

#include <stdbool.h>
#include <stdint.h>

/* The tail; of concatenated streams, the sums of their tails. */
struct stream_tail {
	bool present;
	uint64_t records;   /* as counted by this reader, over all epochs */
	bool claims;        /* every tail had a `records` field ... */
	uint64_t claimed;   /* ... and this is their sum.  It differs from records if a stage forwarded a tail that is not its own */
	struct value bad;   /* {reason: count} */
	struct value progs; /* the different `prog` lists of second and later streams, see progs_add */
	bool has_digest;
	struct digest digest; /* sum of the digests of one epoch's source records */
};

/* Input that does not come from a descriptor.  more() appends the next bytes.  If it appends none, the input has ended. */
struct stream_feed {
	int (*more)(void *from, struct buf *bytes, struct err *err);
	void *from;
};

struct stream_reader {
	int fd;
	struct stream_feed feed; /* used instead of fd if more is not NULL */
	struct limits limits;
	struct arena arena;   /* of header and tail */
	struct arena scratch; /* of the header or tail that is being read */
	struct value header;  /* a map; empty if the stream has none */
	bool has_header;
	struct stream_tail tail;
	uint64_t epoch, records;

	struct buf buffer;    /* bytes read; those before `position` are consumed */
	size_t position;
	size_t offset;        /* of buffer.data in the stream */
	struct msgpack_scan scan;
	struct msgpack_zone *zone;
	bool ended;           /* the input has ended */
	enum stream_state { STREAM_START, STREAM_INSIDE, STREAM_AFTER_TAIL } state;
	uint64_t next_epoch;  /* that the next mark must have */
	bool joined;          /* a second stream was concatenated */
	bool styles_differ; /* of concatenated streams; the header then has none */
};

enum { STREAM_END = 0, STREAM_RECORD = 1, STREAM_EPOCH = 2 };

/* Reads the header, if there is one.  fd is borrowed.
 * Errors: empty input ("upstream ended early"), malformed msgpack, an unsupported version. */
int stream_open(struct stream_reader *reader, int fd, const struct limits *limits, struct err *err);

/* The same from a feed.  Errors then name the record but no byte, because only the caller can name a position in the original input. */
int stream_open_feed(struct stream_reader *reader, const struct stream_feed *feed, const struct limits *limits, struct err *err);

/* The next record (its spans are borrowed until the next call), an epoch mark (reader->epoch is its number), or the end.
 * -1: malformed or truncated input, or concatenated streams that do not match; err names the record and byte. */
int stream_read(struct stream_reader *reader, struct record *record, struct err *err);

/* The same, but the record owns its bytes: it may be kept or passed to another thread. */
int stream_read_owned(struct stream_reader *reader, struct record *record, struct err *err);

/* Copies the bytes of a borrowed record that has not been changed, so that it owns them. */
int stream_record_own(struct stream_reader *reader, struct record *record, struct err *err);

/* The same for a record that will only be written: key and fields are no longer accessible. */
int stream_record_hold(struct record *record, struct err *err);
void stream_close(struct stream_reader *reader);

/* `records` of the header: per epoch, advisory.  1: present; 0: absent. */
int stream_records(const struct stream_reader *reader, uint64_t *records);
uint64_t stream_epochs(const struct stream_reader *reader); /* default 1 */

struct stream_writer {
	int fd;
	const char *path; /* for errors; borrowed.  NULL: a pipe */
	struct buf buffer;
	uint64_t records; /* written, over all epochs */
	bool marked;      /* an epoch mark was written */
};

/* fd is borrowed. */
void stream_writer_init(struct stream_writer *writer, int fd);
int stream_write_header(struct stream_writer *writer, const struct value *header, struct err *err);
/* Writes the mark of epoch 0 before the first record, unless that was done. */
int stream_write(struct stream_writer *writer, const struct record *record, struct err *err);
int stream_write_epoch(struct stream_writer *writer, uint64_t epoch, struct err *err);
/* Writes the tail, with the number of records that were written, and flushes. */
int stream_write_tail(struct stream_writer *writer, const struct stream_tail *tail, struct err *err);
void stream_writer_free(struct stream_writer *writer);

/* Adds one {reason: count} map to another.  -1: out of memory. */
int bad_merge(struct value *sum, const struct value *more, struct arena *arena);

/* Adds a copy of a `prog` list, unless an equal one is present.  After PROGS_MOST of them one entry "(other programs)" represents the
 * rest, so that memory and time do not grow with the number of streams. */
enum { PROGS_MOST = 256 };
int progs_add(struct value *progs, const struct value *prog, struct arena *arena);

/* A second stream that has the records of the first, in the same order, and perhaps others between them.  It is read once. */
struct side_stream {
	const char *path;
	int fd; /* -1: closed */
	struct stream_reader reader;
	struct record record; /* found last; borrowed until the next search */
};

#define SIDE_STREAM_CLOSED ((struct side_stream){ .fd = -1 })

int side_stream_open(struct side_stream *side, const char *path, const struct limits *limits, struct err *err);

/* Reads up to the record with this key.  -1: it is not in the rest of the stream. */
int side_stream_find(struct side_stream *side, struct span key, struct err *err);
void side_stream_close(struct side_stream *side);

/* A record from a msgpack map; record->raw = bytes, and spans point into them.  The record must have been reset.
 * Errors: not a map, no __key__, a name that is not a string or occurs twice, a tensor whose data does not match its shape. */
int record_from_msgpack(struct record *record, struct span bytes, struct msgpack_zone *zone, struct err *err);

/* Appends the record to a buf; if it has not been changed, the bytes that were read.  Contents of at least `least` bytes are not appended:
 * content() is called for them, and must first use up what is in the buf.  Errors: a field of 4 GiB or more, before any call. */
struct record_sink {
	int (*content)(void *context, struct span content, struct err *err);
	void *context;
	size_t least;
};
int record_to_sink(const struct record *record, struct buf *out, const struct record_sink *sink, struct err *err);

/* For stream.c, defined in stream_marks.c: what a map is by its keys.  A map without any of them is an (invalid) record. */
enum item { ITEM_RECORD, ITEM_HEADER, ITEM_EPOCH, ITEM_TAIL };
enum item stream_item(const msgpack_object *map);

/* For stream.c: takes a header, an epoch mark or a tail. */
int stream_take_mark(struct stream_reader *reader, const msgpack_object *map, enum item item, struct err *err);

#endif
