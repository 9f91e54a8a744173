/* The record stream: a header, epoch marks, records and a tail, all of them msgpack maps (formats/STREAM.md). */
#ifndef STREAM_STREAM_H
#define STREAM_STREAM_H

#include "core/record.h"
#include "core/value.h"
#include "formats/stream/digest.h"
#include "formats/stream/limits.h"
#include "formats/stream/msgpack_scan.h"

#include <stdbool.h>
#include <stdint.h>

/* What the tail said; of streams put behind one another, their sums. */
struct stream_tail {
	bool present;
	uint64_t records;  /* as counted here, over all epochs */
	bool claims;       /* every tail told a number */
	uint64_t claimed;  /* as the tails said: a foreign filter may have forwarded an old one */
	struct value bad;  /* {reason: count} */
	struct value progs; /* the `prog` lists of later streams, each different one once (see progs_add) */
	bool has_digest;
	struct digest digest; /* of one epoch's source records: a sum, so that order and sharding do not matter */
};

/* A stream that comes from elsewhere than a descriptor.  more() appends its next bytes; where it appends none, it has ended. */
struct stream_feed {
	int (*more)(void *from, struct buf *bytes, struct err *err);
	void *from;
};

struct stream_reader {
	int fd;
	struct stream_feed feed; /* instead of fd, where more is not NULL */
	struct limits limits;
	struct arena arena;   /* of the header and the tail */
	struct arena mark;    /* of the header or tail at hand: nothing of it stays where streams are joined */
	struct value header;  /* a map; empty where the producer wrote none */
	bool has_header;
	struct stream_tail tail;
	uint64_t epoch, records;

	struct buf buffer;    /* bytes that were read; the first `position` are done with */
	size_t position;
	size_t offset;        /* of the buffer's first byte in the stream */
	struct msgpack_scan scan;
	struct msgpack_zone *zone;
	bool ended;           /* of the input */
	enum stream_place { STREAM_START, STREAM_INSIDE, STREAM_BEHIND } place; /* BEHIND a tail */
	uint64_t next_epoch;  /* the number that the next mark must have */
	bool joined;          /* a second header came */
	bool styles_differ;   /* and names other caption templates: then the header names none any more */
};

enum { STREAM_END = 0, STREAM_RECORD = 1, STREAM_EPOCH = 2 };

/* Reads up to and with the header.  fd is borrowed.
 * Errors: no byte at all ("upstream ended early"), malformed msgpack, a header of another version. */
int stream_open(struct stream_reader *reader, int fd, const struct limits *limits, struct err *err);

/* The same from a feed.  Errors say the record and no byte: the feed knows what its bytes were made of. */
int stream_open_feed(struct stream_reader *reader, const struct stream_feed *feed, const struct limits *limits, struct err *err);

/* The next record, whose spans are borrowed until the next call, or an epoch mark (reader->epoch is its number), or the
 * end.  -1: malformed, cut off, or concatenated streams that do not belong together; err says the record and byte. */
int stream_read(struct stream_reader *reader, struct record *record, struct err *err);

/* The same, but the record owns its bytes and may be kept, or handed to another thread. */
int stream_read_owned(struct stream_reader *reader, struct record *record, struct err *err);

/* Makes a borrowed record, in which nothing was changed yet, own its bytes. */
int stream_record_own(struct stream_reader *reader, struct record *record, struct err *err);

/* The same for one that will only be written: its bytes are kept, and its fields and its key are gone. */
int stream_record_hold(struct record *record, struct err *err);
void stream_close(struct stream_reader *reader);

/* Facts of the header.  records: per epoch, advisory.  1: it is there, 0: it is not. */
int stream_records(const struct stream_reader *reader, uint64_t *records);
uint64_t stream_epochs(const struct stream_reader *reader); /* 1 unless it says more */

struct stream_writer {
	int fd;
	const char *path; /* of a file, for what goes wrong; borrowed.  NULL: a pipe */
	struct buf buffer;
	uint64_t records; /* written, over all epochs */
	bool marked;      /* an epoch mark was written */
};

/* fd is borrowed.  Nothing is written before stream_write_header. */
void stream_writer_init(struct stream_writer *writer, int fd);
int stream_write_header(struct stream_writer *writer, const struct value *header, struct err *err);
int stream_write(struct stream_writer *writer, const struct record *record, struct err *err);
int stream_write_epoch(struct stream_writer *writer, uint64_t epoch, struct err *err);
/* The tail, with the writer's own count, and everything is flushed. */
int stream_write_tail(struct stream_writer *writer, const struct stream_tail *tail, struct err *err);
void stream_writer_free(struct stream_writer *writer);

/* Adds the counts of one {reason: count} map to another. */
int bad_merge(struct value *sum, const struct value *more, struct arena *arena);

/* Adds a copy of a `prog` list to the others, unless it is there.  After PROGS_MOST of them one last list stands for the rest, so that
 * memory and time do not grow with the number of joined streams. */
enum { PROGS_MOST = 256 };
int progs_add(struct value *progs, const struct value *prog, struct arena *arena);

#endif
