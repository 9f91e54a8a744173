/* The items of a stream that are not records: header, epoch marks and tail, also of concatenated streams. */
#include "formats/stream/stream.h"

enum item stream_item(const msgpack_object *map)
{
	if (msgpack_get(map, "__key__"))
		return ITEM_RECORD;
	if (msgpack_get(map, "cc_end"))
		return ITEM_TAIL;
	if (msgpack_get(map, "cc_epoch"))
		return ITEM_EPOCH;
	return msgpack_get(map, "cc") ? ITEM_HEADER : ITEM_RECORD;
}

static int check_version(const struct value *header, struct err *err)
{
	int64_t version = value_integer_or(value_get(header, "cc"), 0);

	if (version != 1)
		return err_set(err, "header: version %lld; this program reads version 1", (long long)version);
	return 0;
}

static bool same_names(const struct value *a, const struct value *b, const char *field)
{
	const struct value *mine = value_get(a, field);
	const struct value *theirs = value_get(b, field);

	if (!mine || !theirs)
		return !mine && !theirs;
	if (mine->kind != VALUE_ARRAY || theirs->kind != VALUE_ARRAY || mine->list.count != theirs->list.count)
		return false;
	for (size_t i = 0; i < mine->list.count; i++)
		if (!span_equal(value_string_or(&mine->list.items[i], ""), value_string_or(&theirs->list.items[i], "")))
			return false;
	return true;
}

/* A header after a tail: `cat a b`. */
static int join_header(struct stream_reader *reader, const struct value *header, struct err *err)
{
	const struct value *progs = value_get(header, "prog");

	if (stream_epochs(reader) != 1 || value_integer_or(value_get(header, "epochs"), 1) != 1)
		return err_set(err, "only streams of one epoch can be concatenated");
	if (!same_names(&reader->header, header, "classes"))
		return err_set(err, "concatenated streams have different classes");
	if (progs && progs_add(&reader->tail.progs, progs, &reader->arena))
		return err_memory(err);
	value_set(&reader->header, "records", (struct value){ .kind = VALUE_NULL }, &reader->arena);
	if (!same_names(&reader->header, header, "templates")) {
		reader->styles_differ = true;
		value_set(&reader->header, "templates", (struct value){ .kind = VALUE_NULL }, &reader->arena);
	}
	reader->joined = true;
	reader->next_epoch = 0;
	return 0;
}

static int take_header(struct stream_reader *reader, const msgpack_object *map, struct err *err)
{
	const bool joins = reader->state == STREAM_AFTER_TAIL;
	struct value header;

	arena_reset(&reader->scratch);
	if (value_from_msgpack(&header, map, joins ? &reader->scratch : &reader->arena, err))
		return err_add(err, "header");
	if (check_version(&header, err))
		return -1;
	if (joins)
		return join_header(reader, &header, err);
	if (reader->state == STREAM_INSIDE)
		return err_set(err, "a second header before the tail: the first stream is truncated");
	reader->header = header;
	reader->has_header = true;
	return 0;
}

/* Further reasons are counted as "other", because each lookup is linear. */
enum { REASONS_MOST = 1000 };

/* false: the sum does not have the reason. */
static bool add_to(struct value *sum, struct span reason, int64_t count)
{
	for (size_t i = 0; i < sum->list.count; i++) {
		struct value *known = &sum->list.items[2 * i];
		if (!span_equal(known->string, reason))
			continue;
		/* unsigned: counts from a file may overflow */
		known[1] = value_integer((int64_t)((uint64_t)value_integer_or(&known[1], 0) + (uint64_t)count));
		return true;
	}
	return false;
}

int bad_merge(struct value *sum, const struct value *more, struct arena *arena)
{
	const struct span other = span_string("other");

	for (size_t i = 0; more->kind == VALUE_MAP && i < more->list.count; i++) {
		const struct value *reason = &more->list.items[2 * i];
		const int64_t more_of_it = value_integer_or(reason + 1, 0);
		if (reason->kind != VALUE_STRING || add_to(sum, reason->string, more_of_it) ||
			(sum->list.count >= REASONS_MOST && add_to(sum, other, more_of_it)))
			continue;
		const struct span name = sum->list.count >= REASONS_MOST ? other : reason->string;
		const char *key = arena_string(arena, name.data, name.size);
		if (!key || value_add(sum, span_of(key, name.size), value_integer(more_of_it), arena))
			return -1;
	}
	return 0;
}

int progs_add(struct value *progs, const struct value *prog, struct arena *arena)
{
	struct value copy, rest = value_map();

	for (size_t i = 0; i < progs->list.count; i++)
		if (value_equal(&progs->list.items[i], prog))
			return 0;
	if (progs->list.count > PROGS_MOST)
		return 0;
	if (progs->list.count < PROGS_MOST)
		return value_copy(&copy, prog, arena) || value_push(progs, copy, arena) ? -1 : 0;
	copy = value_array();
	return value_set(&rest, "name", value_string("(other programs)"), arena) || value_push(&copy, rest, arena) ||
			       value_push(progs, copy, arena)
		       ? -1
		       : 0;
}

static int take_tail(struct stream_reader *reader, const msgpack_object *map, struct err *err)
{
	struct stream_tail *tail = &reader->tail;
	struct value fields;

	arena_reset(&reader->scratch);
	if (value_from_msgpack(&fields, map, &reader->scratch, err))
		return err_add(err, "tail");
	const struct value *bad = value_get(&fields, "bad");
	const struct value *progs = value_get(&fields, "prog");
	struct digest digest;
	bool has_digest = digest_parse(&digest, value_string_or(value_get(&fields, "digest"), "")) == 0;
	tail->has_digest = has_digest && (!tail->present || tail->has_digest);
	if (has_digest)
		tail->digest = tail->present ? digest_sum(tail->digest, digest) : digest;
	const int64_t claimed = value_integer_or(value_get(&fields, "records"), -1);
	tail->claims = claimed >= 0 && (!tail->present || tail->claims);
	tail->claimed += claimed >= 0 ? (uint64_t)claimed : 0;
	tail->present = true;
	if (bad && bad_merge(&tail->bad, bad, &reader->arena))
		return err_memory(err);
	for (size_t i = 0; progs && progs->kind == VALUE_ARRAY && i < progs->list.count; i++)
		if (progs_add(&tail->progs, &progs->list.items[i], &reader->arena))
			return err_memory(err);
	return 0;
}

/* Marks count from 0, and mark 0 may be missing. */
static int take_epoch(struct stream_reader *reader, const msgpack_object *mark, struct err *err)
{
	if (mark->type != MSGPACK_OBJECT_POSITIVE_INTEGER)
		return err_set(err, "cc_epoch is not a whole number");
	if (reader->next_epoch == 0 && reader->records && !reader->joined)
		reader->next_epoch = 1;
	if (mark->via.u64 != reader->next_epoch)
		return err_set(
			err, "epoch mark %llu, expected %llu", (unsigned long long)mark->via.u64, (unsigned long long)reader->next_epoch);
	reader->epoch = reader->joined ? 0 : mark->via.u64;
	reader->next_epoch++;
	return 0;
}

int stream_take_mark(struct stream_reader *reader, const msgpack_object *map, enum item item, struct err *err)
{
	int state = 0;

	if (item != ITEM_HEADER && reader->state == STREAM_AFTER_TAIL)
		return err_set(err, "expected a header after the tail");
	if (item == ITEM_HEADER)
		state = take_header(reader, map, err);
	else if (item == ITEM_TAIL)
		state = take_tail(reader, map, err);
	else
		state = take_epoch(reader, msgpack_get(map, "cc_epoch"), err);
	reader->state = item == ITEM_TAIL ? STREAM_AFTER_TAIL : STREAM_INSIDE;
	return state;
}

int stream_records(const struct stream_reader *reader, uint64_t *records)
{
	int64_t number = value_integer_or(value_get(&reader->header, "records"), -1);

	*records = number < 0 ? 0 : (uint64_t)number;
	return number >= 0;
}

uint64_t stream_epochs(const struct stream_reader *reader)
{
	int64_t number = value_integer_or(value_get(&reader->header, "epochs"), 1);

	return number < 1 ? 1 : (uint64_t)number;
}
