#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include "formats/stream.h"

#include "formats/io.h"
#include "formats/msgpack_record.h"

#include <fcntl.h>
#include <string.h>

/* Fewer and larger reads and writes; measured on pipes of small records. */
enum { CHUNK = 256 << 10, PIPE_SIZE = 1 << 20 };

static void widen_pipe(int fd)
{
#ifdef F_SETPIPE_SZ
	fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE); /* no pipe, or not allowed: slower, not wrong */
#else
	(void)fd;
#endif
}

static struct span unread(const struct stream_reader *reader)
{
	return span_of(reader->buffer.data + reader->position, reader->buffer.size - reader->position);
}

/* Reads more behind what is there. */
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
	unsigned char *end = buf_reserve(buffer, CHUNK);
	if (!end)
		return err_memory(err);
	ssize_t got = io_read(reader->fd, end, buffer->capacity - buffer->size, err);
	if (got < 0)
		return -1;
	reader->ended = got == 0;
	buffer->size += (size_t)got;
	return 0;
}

static int cut_off(const struct stream_reader *reader, struct err *err)
{
	return err_set(err, "upstream ended early: byte %zu, after %llu records", reader->offset + reader->buffer.size,
		(unsigned long long)reader->records);
}

/* The next whole value.  1: bytes are it; 0: the input has ended between two values. */
static int next_value(struct stream_reader *reader, struct span *bytes, struct err *err)
{
	reader->scan = (struct msgpack_scan){ 0 };
	for (;;) {
		int state = msgpack_scan(&reader->scan, unread(reader), &reader->limits, err);
		if (state < 0)
			return err_add(err, "stream: record %llu: byte %zu", (unsigned long long)reader->records,
				reader->offset + reader->position);
		if (state == 1) {
			*bytes = span_of(unread(reader).data, reader->scan.position);
			return 1;
		}
		if (reader->ended)
			return unread(reader).size ? cut_off(reader, err) : 0;
		if (fill(reader, err))
			return -1;
	}
}

static void consume(struct stream_reader *reader, struct span bytes)
{
	reader->position += bytes.size;
}

/* The first key tells the items apart: all of ours begin with it. */
enum item { ITEM_RECORD, ITEM_HEADER, ITEM_EPOCH, ITEM_TAIL };

static enum item item_of(const msgpack_object *map)
{
	if (msgpack_get(map, "__key__"))
		return ITEM_RECORD;
	if (msgpack_get(map, "cc_end"))
		return ITEM_TAIL;
	if (msgpack_get(map, "cc_epoch"))
		return ITEM_EPOCH;
	return msgpack_get(map, "cc") ? ITEM_HEADER : ITEM_RECORD; /* no record either: that is said there */
}

static int check_version(const struct value *header, struct err *err)
{
	int64_t version = value_integer_or(value_get(header, "cc"), 0);

	if (version != 1)
		return err_set(err, "stream: header: version %lld; this program reads version 1", (long long)version);
	return 0;
}

static bool same_classes(const struct value *a, const struct value *b)
{
	const struct value *mine = value_get(a, "classes");
	const struct value *theirs = value_get(b, "classes");

	if (!mine || !theirs)
		return !mine && !theirs;
	if (mine->kind != VALUE_ARRAY || theirs->kind != VALUE_ARRAY || mine->list.count != theirs->list.count)
		return false;
	for (size_t i = 0; i < mine->list.count; i++)
		if (!span_equal(value_string_or(&mine->list.items[i], ""), value_string_or(&theirs->list.items[i], "")))
			return false;
	return true;
}

/* A header behind a tail: `cat a b`. */
static int join_header(struct stream_reader *reader, const struct value *header, struct err *err)
{
	const struct value *progs = value_get(header, "prog");

	if (stream_epochs(reader) != 1 || value_integer_or(value_get(header, "epochs"), 1) != 1)
		return err_set(err, "stream: only streams of one epoch can be put behind one another");
	if (!same_classes(&reader->header, header))
		return err_set(err, "stream: the streams put behind one another have different classes");
	if (progs && value_push(&reader->tail.progs, *progs, &reader->arena))
		return err_memory(err);
	value_set(&reader->header, "records", (struct value){ .kind = VALUE_NULL }, &reader->arena);
	reader->joined = true;
	reader->next_epoch = 0;
	return 0;
}

/* "stream: record 7: byte 1234: why" */
static int failed_here(const struct stream_reader *reader, struct err *err)
{
	return err_add(err, "stream: record %llu: byte %zu", (unsigned long long)reader->records,
		reader->offset + reader->position);
}

static int take_header(struct stream_reader *reader, const msgpack_object *map, struct err *err)
{
	struct value header;

	if (value_from_msgpack(&header, map, &reader->arena, err))
		return err_add(err, "stream: header");
	if (check_version(&header, err))
		return -1;
	if (reader->place == STREAM_BEHIND)
		return join_header(reader, &header, err);
	if (reader->place == STREAM_INSIDE)
		return err_set(err, "a header without the tail of the stream before it: was that cut off?");
	reader->header = header;
	reader->has_header = true;
	return 0;
}

int bad_merge(struct value *sum, const struct value *more, struct arena *arena)
{
	for (size_t i = 0; more->kind == VALUE_MAP && i < more->list.count; i++) {
		const struct value *reason = &more->list.items[2 * i];
		char *key = arena_string(arena, reason->string.data, reason->string.size);
		if (!key)
			return -1;
		int64_t count = value_integer_or(value_get(sum, key), 0) + value_integer_or(reason + 1, 0);
		if (value_set(sum, key, value_integer(count), arena))
			return -1;
	}
	return 0;
}

static int take_tail(struct stream_reader *reader, const msgpack_object *map, struct err *err)
{
	struct stream_tail *tail = &reader->tail;
	struct value said;

	if (value_from_msgpack(&said, map, &reader->arena, err))
		return err_add(err, "stream: tail");
	const struct value *bad = value_get(&said, "bad");
	const struct value *progs = value_get(&said, "prog");
	struct digest digest;
	bool has_digest = digest_parse(&digest, value_string_or(value_get(&said, "digest"), "")) == 0;
	tail->has_digest = has_digest && (!tail->present || tail->has_digest);
	if (has_digest)
		tail->digest = tail->present ? digest_sum(tail->digest, digest) : digest;
	const int64_t claimed = value_integer_or(value_get(&said, "records"), -1);
	tail->claims = claimed >= 0 && (!tail->present || tail->claims);
	tail->claimed += claimed >= 0 ? (uint64_t)claimed : 0;
	tail->present = true;
	if (bad && bad_merge(&tail->bad, bad, &reader->arena))
		return err_memory(err);
	for (size_t i = 0; progs && progs->kind == VALUE_ARRAY && i < progs->list.count; i++)
		if (value_push(&tail->progs, progs->list.items[i], &reader->arena))
			return err_memory(err);
	return 0;
}

/* Marks count from 0.  Who wrote none before the first records may go on with 1. */
static int take_epoch(struct stream_reader *reader, const msgpack_object *mark, struct err *err)
{
	if (mark->type != MSGPACK_OBJECT_POSITIVE_INTEGER)
		return err_set(err, "an epoch mark that is no number");
	if (reader->next_epoch == 0 && reader->records && !reader->joined)
		reader->next_epoch = 1;
	if (mark->via.u64 != reader->next_epoch)
		return err_set(err, "epoch mark %llu where %llu is due", (unsigned long long)mark->via.u64,
			(unsigned long long)reader->next_epoch);
	reader->epoch = reader->joined ? 0 : mark->via.u64;
	reader->next_epoch++;
	return 0;
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

/* Which item comes next, without taking it.  0: none. */
static int peek(struct stream_reader *reader, struct span *bytes, msgpack_object *map, struct err *err)
{
	int state = next_value(reader, bytes, err);

	if (state != 1)
		return state;
	msgpack_zone_clear(reader->zone);
	return msgpack_parse(map, *bytes, reader->zone, err) ? failed_here(reader, err) : 1;
}

/* The smallest records are common: looking at the first key is enough to know one. */
static bool begins_with_key(struct span bytes)
{
	static const unsigned char name[] = { 0xa7, '_', '_', 'k', 'e', 'y', '_', '_' };

	return bytes.size > 9 && (bytes.data[0] & 0xf0) == 0x80 && memcmp(bytes.data + 1, name, sizeof name) == 0;
}

static int at_end(struct stream_reader *reader, struct err *err)
{
	if (reader->has_header && reader->place != STREAM_BEHIND)
		return cut_off(reader, err);
	reader->tail.records = reader->records;
	return STREAM_END;
}

/* What is no record.  Behind a tail nothing but a header may come. */
static int take_other(struct stream_reader *reader, const msgpack_object *map, enum item item, struct err *err)
{
	int state = 0;

	if (item != ITEM_HEADER && reader->place == STREAM_BEHIND)
		return err_set(err, "something other than a header behind the tail");
	if (item == ITEM_HEADER)
		state = take_header(reader, map, err);
	else if (item == ITEM_TAIL)
		state = take_tail(reader, map, err);
	else
		state = take_epoch(reader, msgpack_get(map, "cc_epoch"), err);
	reader->place = item == ITEM_TAIL ? STREAM_BEHIND : STREAM_INSIDE;
	return state;
}

/* The next item, and whether it is a record: its map only where it is none.  0: the end. */
static int next_item(struct stream_reader *reader, struct span *bytes, msgpack_object *map, enum item *item, struct err *err)
{
	int state = next_value(reader, bytes, err);

	*item = ITEM_RECORD;
	if (state <= 0 || begins_with_key(*bytes))
		return state;
	state = peek(reader, bytes, map, err);
	if (state == 1)
		*item = item_of(map);
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
			if (reader->place == STREAM_BEHIND) {
				err_set(err, "a record behind the tail");
				return failed_here(reader, err);
			}
			reader->place = STREAM_INSIDE;
			if (take_record(reader, record, bytes, err))
				return -1;
			consume(reader, bytes);
			return STREAM_RECORD;
		}
		if (take_other(reader, &map, item, err))
			return failed_here(reader, err);
		consume(reader, bytes);
		if (item == ITEM_EPOCH && !reader->joined) /* joined streams are one epoch */
			return STREAM_EPOCH;
	}
}

int stream_record_own(struct stream_reader *reader, struct record *record, struct err *err)
{
	uint64_t epoch = record->epoch;
	struct span bytes = record->raw;
	struct buf storage = record->storage;

	buf_clear(&storage);
	buf_append_span(&storage, bytes);
	if (storage.failed)
		return err_memory(err);
	record->storage = (struct buf){ 0 };
	record_reset(record);
	record->storage = storage;
	record->epoch = epoch;
	msgpack_zone_clear(reader->zone);
	return record_from_msgpack(record, buf_span(&record->storage), reader->zone, err);
}

int stream_read_owned(struct stream_reader *reader, struct record *record, struct err *err)
{
	int state = stream_read(reader, record, err);

	return state == STREAM_RECORD && stream_record_own(reader, record, err) ? -1 : state;
}

int stream_open(struct stream_reader *reader, int fd, const struct limits *limits, struct err *err)
{
	struct span bytes;
	msgpack_object map;

	*reader = (struct stream_reader){ .fd = fd, .limits = *limits, .header = value_map() };
	reader->tail.bad = value_map();
	reader->tail.progs = value_array();
	reader->zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	if (!reader->zone)
		return err_memory(err);
	widen_pipe(fd);
	int state = peek(reader, &bytes, &map, err);
	if (state < 0)
		return -1;
	if (state == 0)
		return err_set(err, "upstream ended early: no byte came");
	if (item_of(&map) != ITEM_HEADER)
		return 0;
	if (take_other(reader, &map, ITEM_HEADER, err))
		return -1;
	consume(reader, bytes);
	return 0;
}

void stream_close(struct stream_reader *reader)
{
	if (reader->zone)
		msgpack_zone_free(reader->zone);
	buf_free(&reader->buffer);
	arena_free(&reader->arena);
	reader->zone = NULL;
}

int stream_records(const struct stream_reader *reader, uint64_t *records)
{
	int64_t said = value_integer_or(value_get(&reader->header, "records"), -1);

	*records = said < 0 ? 0 : (uint64_t)said;
	return said >= 0;
}

uint64_t stream_epochs(const struct stream_reader *reader)
{
	int64_t said = value_integer_or(value_get(&reader->header, "epochs"), 1);

	return said < 1 ? 1 : (uint64_t)said;
}
