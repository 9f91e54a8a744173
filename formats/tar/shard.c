#include "formats/tar/shard.h"

#include "formats/stream/key_set.h"
#include "formats/tar/member_name.h"
#include "formats/tar/sample_name.h"
#include "formats/text/json.h"

static struct value digest_value(struct digest digest, struct arena *arena)
{
	char hex[33];

	digest_hex(digest, hex);
	char *copy = arena_string(arena, hex, 32);
	return value_string(copy ? copy : "");
}

/* Fields of the stream's header that do not apply to a shard. */
static bool is_of_stream(struct span name)
{
	return span_is(name, "cc") || span_is(name, "records") || span_is(name, "epochs") || span_is(name, "digest") ||
	       span_is(name, "shard");
}

static void copy_header(struct value *map, const struct value *header, struct arena *arena)
{
	for (size_t i = 0; header->kind == VALUE_MAP && i < header->list.count; i++) {
		struct span name = header->list.items[2 * i].string;
		char *copy = is_of_stream(name) ? NULL : arena_string(arena, name.data, name.size);
		if (copy)
			value_add(map, span_of(copy, name.size), header->list.items[2 * i + 1], arena);
	}
}

static int write_line(struct buf *out, const struct value *map, struct arena *arena, size_t size, struct err *err)
{
	size_t start = out->size;
	int state = arena->failed ? err_memory(err) : json_write(map, out, err);

	while (!state && !out->failed && out->size - start + 1 < size)
		buf_append_byte(out, ' ');
	buf_append_byte(out, '\n');
	arena_free(arena);
	return state == 0 && out->failed ? err_memory(err) : state;
}

int shard_head_write(struct buf *out, const struct shard_head *head, size_t size, struct err *err)
{
	struct arena arena = { 0 };
	struct value map = value_map();

	value_set(&map, "cc", value_integer(1), &arena);
	value_set(&map, "shard", value_integer((int64_t)head->shard), &arena);
	if (head->counted) {
		value_set(&map, "records", value_integer((int64_t)head->records), &arena);
		value_set(&map, "digest", digest_value(head->digest, &arena), &arena);
	}
	copy_header(&map, &head->header, &arena);
	return write_line(out, &map, &arena, size, err);
}

int shard_end_write(struct buf *out, const struct shard_end *end, struct err *err)
{
	struct arena arena = { 0 };
	struct value map = value_map();

	value_set(&map, "cc_end", value_bool(true), &arena);
	value_set(&map, "shards", value_integer((int64_t)end->shards), &arena);
	value_set(&map, "records", value_integer((int64_t)end->records), &arena);
	if (end->has_source)
		value_set(&map, "read", digest_value(end->source, &arena), &arena);
	value_set(&map, "written", digest_value(end->written, &arena), &arena);
	if (end->bad.kind == VALUE_MAP && end->bad.list.count)
		value_set(&map, "bad", end->bad, &arena);
	if (end->progs.kind == VALUE_ARRAY && end->progs.list.count)
		value_set(&map, "prog", end->progs, &arena);
	return write_line(out, &map, &arena, 0, err);
}

int shard_head_hash(const struct shard_head *head, uint64_t *hash, struct err *err)
{
	struct buf text = { 0 };
	int state = json_write(&head->header, &text, err);

	*hash = key_hash(buf_span(&text));
	if (state == 0 && text.failed)
		state = err_memory(err);
	buf_free(&text);
	return state;
}

static int read_map(struct value *map, struct span text, const struct limits *limits, struct arena *arena, struct err *err)
{
	if (json_read(text, limits, arena, map, err))
		return -1;
	return map->kind == VALUE_MAP ? 0 : err_set(err, "not a JSON object");
}

static int read_count(const struct value *map, const char *name, uint64_t *count, struct err *err)
{
	int64_t number = value_integer_or(value_get(map, name), -1);

	if (number < 0)
		return err_set(err, "%s: missing, or not a whole number", name);
	*count = (uint64_t)number;
	return 0;
}

static bool read_digest(const struct value *map, const char *name, struct digest *digest)
{
	return digest_parse(digest, value_string_or(value_get(map, name), "")) == 0;
}

int shard_head_read(struct shard_head *head, struct span text, const struct limits *limits, struct arena *arena, struct err *err)
{
	struct value map;

	*head = (struct shard_head){ .header = value_map() };
	if (read_map(&map, text, limits, arena, err) || read_count(&map, "shard", &head->shard, err))
		return -1;
	if (value_integer_or(value_get(&map, "cc"), 0) != 1)
		return err_set(err, "version %lld; this program reads version 1", (long long)value_integer_or(value_get(&map, "cc"), 0));
	head->counted = value_get(&map, "records") != NULL;
	if (head->counted && read_count(&map, "records", &head->records, err))
		return -1;
	if (head->counted != read_digest(&map, "digest", &head->digest))
		return err_set(err, "records and digest must both be present or both be absent");
	copy_header(&head->header, &map, arena);
	head->present = true;
	return arena->failed ? err_memory(err) : 0;
}

int shard_end_read(struct shard_end *end, struct span text, const struct limits *limits, struct arena *arena, struct err *err)
{
	struct value map;

	*end = (struct shard_end){ 0 };
	if (read_map(&map, text, limits, arena, err) || read_count(&map, "shards", &end->shards, err) ||
		read_count(&map, "records", &end->records, err))
		return -1;
	if (!read_digest(&map, "written", &end->written))
		return err_set(err, "written: missing, or not a digest");
	end->has_source = read_digest(&map, "read", &end->source);
	const struct value *bad = value_get(&map, "bad"), *progs = value_get(&map, "prog");
	end->bad = bad ? *bad : value_map();
	end->progs = progs ? *progs : value_array();
	end->present = true;
	return 0;
}

enum { INFO_MOST = 64 << 20 }; /* bytes of __cc__; class lists may be long */

static int read_text(struct shard *shard, struct buf *text, struct err *err)
{
	size_t most = shard->limits.record < INFO_MOST ? shard->limits.record : INFO_MOST;

	return tar_read(&shard->tar, text, most, err);
}

/* Reads __cc__ or __end__. */
static int read_info(struct shard *shard, struct err *err)
{
	struct buf text = { 0 };
	bool is_head = span_is(shard->member.name, SHARD_HEAD_NAME);
	int state = read_text(shard, &text, err);

	if (state == 0)
		state = is_head ? shard_head_read(&shard->head, buf_span(&text), &shard->limits, &shard->arena, err)
				: shard_end_read(&shard->end, buf_span(&text), &shard->limits, &shard->arena, err);
	buf_free(&text);
	return state ? err_add(err, "%s", is_head ? SHARD_HEAD_NAME : SHARD_END_NAME) : 0;
}

static bool may_belong(struct span name)
{
	struct buf scratch = { 0 };
	struct span key, field;
	bool may = member_name(name, &name, &scratch) != MEMBER_IGNORED && sample_name_split(name, &key, &field);

	buf_free(&scratch);
	return may;
}

/* Can it be a file of a sample?  A link that would be one is an error, because it has no contents. */
static int is_file(const struct tar_member *member, bool has_rows, struct err *err)
{
	if (cifar_is_python(member->name))
		return err_set(err, "byte %llu: " CIFAR_PYTHON, (unsigned long long)member->offset);
	if (cifar_is_companion(member->name, has_rows) && !cifar_is_batch(member->name, member->size))
		return 0;
	if (member->kind != TAR_LINK || !may_belong(member->name))
		return member->kind == TAR_FILE;
	return err_set(err, "byte %llu: %.*s is a link and has no contents (`tar -h --hard-dereference` stores the files)",
		(unsigned long long)member->offset, span_shown(member->name, 512), (const char *)member->name.data);
}

/* Reads the next member that can belong to a sample into shard->member. */
static int next_file(struct shard *shard, struct err *err)
{
	for (;;) {
		if (shard->pieces && shard->tar.members && tar_piece_done(&shard->tar))
			return 0;
		int state = tar_next(&shard->tar, &shard->member, err);
		if (state != 1)
			return state;
		if (shard->end.present)
			return err_set(err, "byte %llu: a member after %s", (unsigned long long)shard->member.offset, SHARD_END_NAME);
		bool ours = span_is(shard->member.name, SHARD_END_NAME) ||
			    (span_is(shard->member.name, SHARD_HEAD_NAME) && shard->tar.members == 1);
		state = ours ? read_info(shard, err) : is_file(&shard->member, shard->has_rows, err);
		if (state)
			return state;
	}
}

static int begin_rows(struct shard *shard, struct err *err)
{
	shard->in_rows = shard->has_rows = true;
	return cifar_begin(&shard->rows, shard->member.name, shard->member.size, err);
}

static int feed_next(void *from, struct span *name, uint64_t *offset, uint64_t *size, struct err *err)
{
	struct shard *shard = from;

	for (;;) {
		int state = shard->in_rows ? cifar_next(&shard->rows, name, err) : 0;
		*offset = shard->member.offset;
		*size = CIFAR_ROW;
		if (state != 0)
			return state;
		shard->in_rows = false;
		state = shard->waiting ? 1 : next_file(shard, err);
		shard->waiting = false;
		if (state != 1)
			return state;
		if (!cifar_is_batch(shard->member.name, shard->member.size))
			break;
		if (begin_rows(shard, err))
			return -1;
	}
	*name = shard->member.name;
	*offset = shard->member.offset;
	*size = shard->member.size;
	return 1;
}

static int feed_read(void *from, struct buf *content, size_t most, uint64_t *end, struct err *err)
{
	struct shard *shard = from;
	int state = shard->in_rows ? cifar_content(&shard->rows, content, err) : tar_read(&shard->tar, content, most, err);

	*end = tar_end(&shard->tar);
	return state;
}

static int feed_skip(void *from, uint64_t *end, struct err *err)
{
	struct shard *shard = from;
	int state = shard->in_rows ? 0 : tar_skip(&shard->tar, err);

	*end = tar_end(&shard->tar);
	return state;
}

static int read_row(void *from, void *bytes, size_t size, struct err *err)
{
	return tar_read_part(from, bytes, size, err);
}

static void init(struct shard *shard, const struct limits *limits)
{
	const struct member_feed feed = { feed_next, feed_read, feed_skip, shard };

	*shard = (struct shard){ .limits = *limits, .rows = { .read = read_row, .from = &shard->tar } };
	sample_reader_init(&shard->samples, &feed, limits);
}

int shard_open(struct shard *shard, int fd, const struct limits *limits, struct err *err)
{
	init(shard, limits);
	shard->samples.seen = &shard->seen;
	if (tar_open(&shard->tar, fd, err))
		return -1;
	int state = next_file(shard, err);
	shard->waiting = state == 1;
	shard->has_rows = shard->waiting && cifar_is_batch(shard->member.name, shard->member.size);
	return state < 0 ? -1 : 0;
}

int shard_open_pieces(struct shard *shard, const struct limits *limits, struct err *err)
{
	init(shard, limits);
	shard->pieces = true;
	return tar_open_pieces(&shard->tar, err);
}

void shard_piece(struct shard *shard, int fd, uint64_t offset, uint64_t end)
{
	tar_piece(&shard->tar, fd, offset, end - offset);
}

void shard_close(struct shard *shard)
{
	tar_close(&shard->tar);
	sample_reader_free(&shard->samples);
	key_set_free(&shard->seen);
	cifar_free(&shard->rows);
	arena_free(&shard->arena);
}
