#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include "formats/stream/stream.h"

#include "formats/stream/file_magic.h"
#include "formats/stream/io.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Large chunks and pipes: measured on streams of small records, where system calls dominate. */
enum { CHUNK = 256 << 10, PIPE_SIZE = 1 << 20 };

static void widen_pipe(int fd)
{
#ifdef F_SETPIPE_SZ
	fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE); /* failure only costs speed */
#else
	(void)fd;
#endif
}

static struct span unread(const struct stream_reader *reader)
{
	return span_of(reader->buffer.data + reader->position, reader->buffer.size - reader->position);
}

static int read_more(struct stream_reader *reader, struct err *err)
{
	struct buf *buffer = &reader->buffer;
	unsigned char *end = buf_reserve(buffer, CHUNK);

	if (!end)
		return err_memory(err);
	ssize_t got = io_read(reader->fd, end, buffer->capacity - buffer->size, err);
	if (got < 0)
		return -1;
	buffer->size += (size_t)got;
	return 0;
}

/* Appends to the buffer. */
static int fill(struct stream_reader *reader, struct err *err)
{
	struct buf *buffer = &reader->buffer;

	if (reader->position) {
		struct span rest = unread(reader);
		memmove(buffer->data, rest.data, rest.size);
		reader->offset += reader->position;
		buffer->size = rest.size;
		reader->position = 0;
	}
	const size_t before = buffer->size;
	const struct stream_feed *feed = &reader->feed;
	if (feed->more ? feed->more(feed->from, buffer, err) : read_more(reader, err))
		return -1;
	if (buffer->failed)
		return err_memory(err);
	reader->ended = buffer->size == before;
	return 0;
}

static int truncated(const struct stream_reader *reader, struct err *err)
{
	if (reader->feed.more)
		return err_set(err, "upstream ended early: after %llu records, without a tail", (unsigned long long)reader->records);
	return err_set(err, "upstream ended early: byte %zu, after %llu records", reader->offset + reader->buffer.size,
		(unsigned long long)reader->records);
}

/* If the input is a file of another kind, the error names that kind, which helps more than a msgpack error. */
static bool is_other_file(const struct stream_reader *reader)
{
	const struct file_magic *magic =
		reader->records || reader->has_header || reader->offset + reader->position ? NULL : file_magic(unread(reader));

	return magic && magic->magic != MAGIC_TEXT && magic->magic != MAGIC_STREAM;
}

/* "stream: record 7: byte 1234: why" */
static int failed_here(const struct stream_reader *reader, struct err *err)
{
	if (reader->feed.more)
		return err_add(err, "record %llu", (unsigned long long)reader->records);
	if (is_other_file(reader))
		return file_magic_refuse_data(unread(reader), "a record stream", err);
	return err_add(err, "stream: record %llu: byte %zu", (unsigned long long)reader->records, reader->offset + reader->position);
}

/* The next complete value.  1: `bytes`; 0: the input has ended between two values. */
static int next_value(struct stream_reader *reader, struct span *bytes, struct err *err)
{
	msgpack_scan_begin(&reader->scan);
	for (;;) {
		int state = msgpack_scan(&reader->scan, unread(reader), &reader->limits, err);
		if (state < 0)
			return failed_here(reader, err);
		if (state == 1) {
			*bytes = span_of(unread(reader).data, reader->scan.position);
			return 1;
		}
		if (reader->ended)
			return unread(reader).size ? truncated(reader, err) : 0;
		if (fill(reader, err))
			return -1;
	}
}

static void consume(struct stream_reader *reader, struct span bytes)
{
	reader->position += bytes.size;
}

static int take_record(struct stream_reader *reader, struct record *record, struct span bytes, struct err *err)
{
	record_reset(record);
	msgpack_zone_clear(reader->zone);
	if (record_from_msgpack(record, bytes, reader->zone, err))
		return failed_here(reader, err);
	record->epoch = reader->epoch;
	reader->records++;
	return 0;
}

/* Parses the next item without consuming it.  0: the end. */
static int peek(struct stream_reader *reader, struct span *bytes, msgpack_object *map, struct err *err)
{
	int state = next_value(reader, bytes, err);

	if (state != 1)
		return state;
	msgpack_zone_clear(reader->zone);
	return msgpack_parse(map, *bytes, reader->zone, err) ? failed_here(reader, err) : 1;
}

/* A fast path: a map whose first key is __key__ is a record. */
static bool begins_with_key(struct span bytes)
{
	static const unsigned char name[] = { 0xa7, '_', '_', 'k', 'e', 'y', '_', '_' };

	return bytes.size > 9 && (bytes.data[0] & 0xf0) == 0x80 && memcmp(bytes.data + 1, name, sizeof name) == 0;
}

static int at_end(struct stream_reader *reader, struct err *err)
{
	if (reader->has_header && reader->state != STREAM_AFTER_TAIL)
		return truncated(reader, err);
	reader->tail.records = reader->records;
	return STREAM_END;
}

/* The next item.  The map is set only if it is not a record.  0: the end. */
static int next_item(struct stream_reader *reader, struct span *bytes, msgpack_object *map, enum item *item, struct err *err)
{
	int state = next_value(reader, bytes, err);

	*item = ITEM_RECORD;
	if (state <= 0 || begins_with_key(*bytes))
		return state;
	state = peek(reader, bytes, map, err);
	if (state == 1)
		*item = stream_item(map);
	return state;
}

int stream_read(struct stream_reader *reader, struct record *record, struct err *err)
{
	for (;;) {
		struct span bytes;
		msgpack_object map;
		enum item item;
		int state = next_item(reader, &bytes, &map, &item, err);
		if (state <= 0)
			return state < 0 ? -1 : at_end(reader, err);
		if (item == ITEM_RECORD) {
			if (reader->state == STREAM_AFTER_TAIL) {
				err_set(err, "a record after the tail");
				return failed_here(reader, err);
			}
			reader->state = STREAM_INSIDE;
			if (take_record(reader, record, bytes, err))
				return -1;
			consume(reader, bytes);
			return STREAM_RECORD;
		}
		if (stream_take_mark(reader, &map, item, err))
			return failed_here(reader, err);
		consume(reader, bytes);
		if (item == ITEM_EPOCH && !reader->joined) /* concatenated streams are one epoch */
			return STREAM_EPOCH;
	}
}

int stream_read_owned(struct stream_reader *reader, struct record *record, struct err *err)
{
	int state = stream_read(reader, record, err);

	return state == STREAM_RECORD && stream_record_own(reader, record, err) ? -1 : state;
}

/* fd, feed and limits are set. */
static int open_reader(struct stream_reader *reader, struct err *err)
{
	struct span bytes;
	msgpack_object map;

	reader->header = reader->tail.bad = value_map();
	reader->tail.progs = value_array();
	reader->zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	if (!reader->zone)
		return err_memory(err);
	int state = peek(reader, &bytes, &map, err);
	if (state < 0)
		return -1;
	if (state == 0)
		return err_set(err, "upstream ended early: no input");
	if (stream_item(&map) != ITEM_HEADER)
		return 0;
	if (stream_take_mark(reader, &map, ITEM_HEADER, err))
		return failed_here(reader, err);
	consume(reader, bytes);
	return 0;
}

int stream_open(struct stream_reader *reader, int fd, const struct limits *limits, struct err *err)
{
	*reader = (struct stream_reader){ .fd = fd, .limits = *limits };
	widen_pipe(fd);
	return open_reader(reader, err);
}

int stream_open_feed(struct stream_reader *reader, const struct stream_feed *feed, const struct limits *limits, struct err *err)
{
	*reader = (struct stream_reader){ .fd = -1, .feed = *feed, .limits = *limits };
	return open_reader(reader, err);
}

void stream_close(struct stream_reader *reader)
{
	if (reader->zone)
		msgpack_zone_free(reader->zone);
	buf_free(&reader->buffer);
	arena_free(&reader->arena);
	arena_free(&reader->scratch);
	reader->zone = NULL;
}

int side_stream_open(struct side_stream *side, const char *path, const struct limits *limits, struct err *err)
{
	*side = (struct side_stream){ .path = path, .fd = open(path, O_RDONLY | O_CLOEXEC) };
	if (side->fd < 0)
		return err_errno(err, "%s", path);
	return stream_open(&side->reader, side->fd, limits, err) ? err_add(err, "%s", path) : 0;
}

int side_stream_find(struct side_stream *side, struct span key, struct err *err)
{
	int state;

	while ((state = stream_read(&side->reader, &side->record, err)) > 0)
		if (state == STREAM_RECORD && span_equal(side->record.key, key))
			return 0;
	if (state < 0)
		return err_add(err, "%s", side->path);
	return err_set(err, "not found in %s, or its records are in another order", side->path);
}

void side_stream_close(struct side_stream *side)
{
	if (side->fd < 0)
		return;
	stream_close(&side->reader);
	record_free(&side->record);
	close(side->fd);
	side->fd = -1;
}
