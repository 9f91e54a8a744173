#include "formats/tar/shard_info.h"

#include "formats/text/json.h"
#include "formats/stream/key_set.h"

static struct value digest_value(struct digest digest, struct arena *arena)
{
	char hex[33];

	digest_hex(digest, hex);
	char *copy = arena_string(arena, hex, 32);
	return value_string(copy ? copy : "");
}

/* The stream's own counts are not this shard's. */
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
	return map->kind == VALUE_MAP ? 0 : err_set(err, "not a map");
}

static int read_count(const struct value *map, const char *name, uint64_t *count, struct err *err)
{
	int64_t number = value_integer_or(value_get(map, name), -1);

	if (number < 0)
		return err_set(err, "%s: a whole number is missing", name);
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
		return err_set(err, "records and their digest stand together, and one of them is missing");
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
		return err_set(err, "written: a digest is missing");
	end->has_source = read_digest(&map, "read", &end->source);
	const struct value *bad = value_get(&map, "bad"), *progs = value_get(&map, "prog");
	end->bad = bad ? *bad : value_map();
	end->progs = progs ? *progs : value_array();
	end->present = true;
	return 0;
}
