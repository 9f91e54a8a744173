#include "formats/dataset/jsonl.h"

#include "formats/image/image_codec.h"
#include "formats/text/json.h"
#include "formats/dataset/json_record.h"
#include "formats/stream/msgpack.h"
#include "formats/text/json_printable.h"

#include <math.h>
#include <string.h>

/* In summaries, longer texts are truncated and larger JSON is not expanded. */
enum { LONGEST_TEXT = 2000, LARGEST_JSON = 64 << 10 };

static struct value summarise_text(struct jsonl *jsonl, struct span text)
{
	struct buf cut = { 0 };

	if (text.size <= LONGEST_TEXT)
		return value_span(as_utf8(text, &jsonl->arena));
	size_t length = LONGEST_TEXT;
	while (length > LONGEST_TEXT - 4 && (text.data[length] & 0xc0) == 0x80) /* do not split a character */
		length--;
	buf_append(&cut, text.data, length);
	buf_printf(&cut, "... (%zu bytes)", text.size);
	const char *copy = arena_string(&jsonl->arena, cut.data, cut.size);
	struct value value = value_span(copy ? as_utf8(span_of(copy, cut.size), &jsonl->arena) : span_of(NULL, 0));
	buf_free(&cut);
	return value;
}

static const char *type_of(struct span bytes)
{
	const struct image_codec *codec = image_codec_of(bytes);

	if (codec)
		return codec->name;
	if (bytes.size >= 6 && memcmp(bytes.data, "\x93NUMPY", 6) == 0)
		return "npy";
	return NULL;
}

static struct value summarise_bytes(struct jsonl *jsonl, struct span bytes)
{
	struct value map = value_map();
	const char *type = type_of(bytes);

	value_set(&map, "bytes", value_integer((int64_t)bytes.size), &jsonl->arena);
	if (type)
		value_set(&map, "type", value_string(type), &jsonl->arena);
	return map;
}

/* Changes the value in place. */
static void summarise_tree(struct jsonl *jsonl, struct value *value)
{
	if (value->kind == VALUE_BYTES)
		*value = summarise_bytes(jsonl, value->string);
	else if (value->kind == VALUE_STRING)
		*value = summarise_text(jsonl, value->string);
	else if (value->kind == VALUE_ARRAY || value->kind == VALUE_MAP)
		for (size_t i = 0; i < value->list.count * (value->kind == VALUE_MAP ? 2 : 1); i++)
			summarise_tree(jsonl, &value->list.items[i]);
}

static bool ends_with(struct span name, const char *end)
{
	const size_t length = strlen(end);

	return name.size >= length && name_is(span_of(name.data + name.size - length, length), end);
}

static struct value summarise_tensor(struct jsonl *jsonl, const struct field *field)
{
	struct value map = value_map(), shape = value_array();

	for (size_t i = 0; i < field->tensor.rank; i++)
		value_push(&shape, value_integer((int64_t)field->tensor.shape[i]), &jsonl->arena);
	value_set(&map, "dtype", value_string(field->tensor.dtype), &jsonl->arena);
	value_set(&map, "shape", shape, &jsonl->arena);
	value_set(&map, "bytes", value_integer((int64_t)field->bytes.size), &jsonl->arena);
	return map;
}

static struct value summarise_content(struct jsonl *jsonl, const struct field *field)
{
	struct err unreadable;
	struct value value;

	if (ends_with(field->name, "json") && field->bytes.size <= LARGEST_JSON &&
		json_read(field->bytes, &jsonl->limits, &jsonl->arena, &value, &unreadable) == 0) {
		summarise_tree(jsonl, &value);
		return value;
	}
	if (ends_with(field->name, "txt"))
		return summarise_text(jsonl, field->bytes);
	return summarise_bytes(jsonl, field->bytes);
}

/* Would the map be read back as bytes? */
static bool looks_like_bytes(const msgpack_object *map)
{
	const msgpack_object_kv *only = map->via.map.ptr;

	return map->via.map.size == 1 && msgpack_is_string(&only->key) && span_is(msgpack_string(&only->key), "base64") &&
	       msgpack_is_string(&only->val);
}

/* False for integers of more than 63 bits, numbers that are not finite, and names with a NUL.  (Extension types are refused elsewhere.) */
static bool json_can_express(const msgpack_object *object)
{
	switch (object->type) {
	case MSGPACK_OBJECT_POSITIVE_INTEGER: return object->via.u64 <= INT64_MAX;
	case MSGPACK_OBJECT_FLOAT32:
	case MSGPACK_OBJECT_FLOAT64: return isfinite(object->via.f64);
	case MSGPACK_OBJECT_ARRAY:
		for (size_t i = 0; i < object->via.array.size; i++)
			if (!json_can_express(&object->via.array.ptr[i]))
				return false;
		return true;
	case MSGPACK_OBJECT_MAP:
		for (size_t i = 0; i < object->via.map.size; i++) {
			const msgpack_object_kv *entry = &object->via.map.ptr[i];
			if (!msgpack_is_string(&entry->key) || !json_can_express(&entry->val) ||
				memchr(entry->key.via.str.ptr, 0, entry->key.via.str.size))
				return false;
		}
		return !looks_like_bytes(object);
	default: return true;
	}
}

static int value_of_raw(struct jsonl *jsonl, struct span raw, struct value *value, struct err *err)
{
	msgpack_object object;

	if (!jsonl->zone && !(jsonl->zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE)))
		return err_memory(err);
	msgpack_zone_clear(jsonl->zone);
	if (msgpack_parse(&object, raw, jsonl->zone, err))
		return -1;
	if (jsonl->full && !json_can_express(&object))
		return err_set(err, "JSON cannot express it exactly");
	return value_from_msgpack(value, &object, &jsonl->arena, err);
}

/* A nested value; if only msgpack can express it, its size. */
static struct value summarise_other(struct jsonl *jsonl, const struct field *field)
{
	struct value value, map = value_map();
	struct err ignored;

	if (value_of_raw(jsonl, field->raw, &value, &ignored) == 0) {
		summarise_tree(jsonl, &value);
		return value;
	}
	value_set(&map, "bytes", value_integer((int64_t)field->raw.size), &jsonl->arena);
	value_set(&map, "type", value_string("msgpack"), &jsonl->arena);
	return map;
}

static struct value summarise_field(struct jsonl *jsonl, const struct field *field)
{
	switch (field->kind) {
	case FIELD_BYTES: return summarise_content(jsonl, field);
	case FIELD_STRING: return summarise_text(jsonl, field->bytes);
	case FIELD_INTEGER: return value_integer(field->integer);
	case FIELD_TENSOR: return summarise_tensor(jsonl, field);
	case FIELD_OTHER: break;
	}
	return summarise_other(jsonl, field);
}

static int summarise_record(struct jsonl *jsonl, const struct record *record, struct value *map, struct err *err)
{
	*map = value_map();
	value_set(map, "__key__", summarise_text(jsonl, record->key), &jsonl->arena);
	for (size_t i = 0; i < record->count; i++) {
		const struct span given = record->fields[i].name, name = summarise_text(jsonl, given).string;
		const char *copy = arena_string(&jsonl->arena, name.data, name.size);
		const struct value value = summarise_field(jsonl, &record->fields[i]);
		/* Replacing bytes that are not UTF-8 can make two names of a record equal. */
		if (!copy || (name.data == given.data ? value_add(map, span_of(copy, name.size), value, &jsonl->arena)
						      : value_set(map, copy, value, &jsonl->arena)))
			return err_memory(err);
	}
	return 0;
}

static int append_line(struct jsonl *jsonl, const struct value *value, struct buf *out, struct err *err)
{
	if (jsonl->arena.failed)
		return err_memory(err);
	buf_clear(&jsonl->text);
	if (json_write(value, &jsonl->text, err))
		return -1;
	append_printable_json(out, buf_span(&jsonl->text));
	buf_append_byte(out, '\n');
	return out->failed ? err_memory(err) : 0;
}

int jsonl_record(struct jsonl *jsonl, const struct record *record, struct buf *out, struct err *err)
{
	struct value map;

	arena_reset(&jsonl->arena);
	if (jsonl->full ? value_of_raw(jsonl, record->raw, &map, err) || json_fields_open(&map, &jsonl->limits, &jsonl->arena, err)
			: summarise_record(jsonl, record, &map, err))
		return -1;
	return append_line(jsonl, &map, out, err);
}

int jsonl_value(struct jsonl *jsonl, const struct value *value, struct buf *out, struct err *err)
{
	arena_reset(&jsonl->arena);
	return append_line(jsonl, value, out, err);
}

int jsonl_epoch(struct jsonl *jsonl, uint64_t epoch, struct buf *out, struct err *err)
{
	struct value map = value_map();

	arena_reset(&jsonl->arena);
	value_set(&map, "cc_epoch", value_integer((int64_t)epoch), &jsonl->arena);
	return append_line(jsonl, &map, out, err);
}

int jsonl_tail(struct jsonl *jsonl, const struct stream_tail *tail, struct buf *out, struct err *err)
{
	struct value map = value_map();
	char hex[33];

	arena_reset(&jsonl->arena);
	value_set(&map, "cc_end", value_bool(true), &jsonl->arena);
	value_set(&map, "records", value_integer((int64_t)tail->records), &jsonl->arena);
	if (tail->claimed != tail->records)
		value_set(&map, "claimed", value_integer((int64_t)tail->claimed), &jsonl->arena);
	digest_hex(tail->digest, hex);
	if (tail->has_digest)
		value_set(&map, "digest", value_string(hex), &jsonl->arena);
	if (tail->bad.list.count)
		value_set(&map, "bad", tail->bad, &jsonl->arena);
	if (tail->progs.list.count)
		value_set(&map, "prog", tail->progs, &jsonl->arena);
	return append_line(jsonl, &map, out, err);
}

void jsonl_free(struct jsonl *jsonl)
{
	if (jsonl->zone)
		msgpack_zone_free(jsonl->zone);
	arena_free(&jsonl->arena);
	buf_free(&jsonl->text);
	jsonl->zone = NULL;
}
