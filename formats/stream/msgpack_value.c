#include "formats/stream/msgpack_value.h"

#include "core/map.h"
#include "formats/stream/limits.h"

struct span msgpack_string(const msgpack_object *object)
{
	return span_of(object->via.str.ptr, object->via.str.size);
}

bool msgpack_is_string(const msgpack_object *object)
{
	return object->type == MSGPACK_OBJECT_STR;
}

int msgpack_parse(msgpack_object *object, struct span bytes, msgpack_zone *zone, struct err *err)
{
	size_t offset = 0;
	msgpack_unpack_return state = msgpack_unpack((const char *)bytes.data, bytes.size, &offset, zone, object);

	if (state == MSGPACK_UNPACK_NOMEM_ERROR)
		return err_memory(err);
	if ((state != MSGPACK_UNPACK_SUCCESS && state != MSGPACK_UNPACK_EXTRA_BYTES) || offset != bytes.size)
		return err_set(err, "msgpack: not a value that can be read");
	return 0;
}

const msgpack_object *msgpack_get(const msgpack_object *map, const char *key)
{
	if (map->type != MSGPACK_OBJECT_MAP)
		return NULL;
	for (size_t i = 0; i < map->via.map.size; i++)
		if (msgpack_is_string(&map->via.map.ptr[i].key) && span_is(msgpack_string(&map->via.map.ptr[i].key), key))
			return &map->via.map.ptr[i].val;
	return NULL;
}

static int append(void *out, const char *data, size_t size)
{
	buf_append(out, data, size);
	return 0; /* a buf remembers its failure */
}

void packer_init(msgpack_packer *packer, struct buf *out)
{
	msgpack_packer_init(packer, out, append);
}

void pack_string(msgpack_packer *packer, struct span string)
{
	msgpack_pack_str_with_body(packer, string.size ? (const char *)string.data : "", string.size);
}

void pack_bytes(msgpack_packer *packer, struct span bytes)
{
	msgpack_pack_bin_with_body(packer, bytes.size ? (const char *)bytes.data : "", bytes.size);
}

static int list_from_msgpack(struct value *value, const msgpack_object *object, struct arena *arena, struct err *err)
{
	struct value item;

	*value = value_array();
	for (size_t i = 0; i < object->via.array.size; i++) {
		if (value_from_msgpack(&item, &object->via.array.ptr[i], arena, err))
			return -1;
		if (value_push(value, item, arena))
			return err_memory(err);
	}
	return 0;
}

/* From so many keys on they are found by their hashes. */
enum { FEW_KEYS = 16 };

/* A key that comes again replaces the first. */
static int add_entry(struct value *value, struct map *seen, struct span key, struct value item, struct arena *arena)
{
	const size_t count = seen->count;
	const int64_t at = map_add(seen, key);

	if (at < 0)
		return -1;
	if (seen->count == count) {
		value->list.items[2 * at + 1] = item;
		return 0;
	}
	return value_add(value, key, item, arena);
}

static int entries_from_msgpack(struct value *value, const msgpack_object *object, struct map *seen, struct arena *arena, struct err *err)
{
	const bool many = object->via.map.size > FEW_KEYS;
	struct value item;

	for (size_t i = 0; i < object->via.map.size; i++) {
		const msgpack_object_kv *entry = &object->via.map.ptr[i];
		if (!msgpack_is_string(&entry->key))
			return err_set(err, "a map's key is not a string");
		const size_t size = entry->key.via.str.size;
		char *key = arena_string(arena, entry->key.via.str.ptr, size);
		if (value_from_msgpack(&item, &entry->val, arena, err))
			return -1;
		if (!key || (many ? add_entry(value, seen, span_of(key, size), item, arena) : value_set(value, key, item, arena)))
			return err_memory(err);
	}
	return 0;
}

static int map_from_msgpack(struct value *value, const msgpack_object *object, struct arena *arena, struct err *err)
{
	struct map seen = { 0 };

	if (object->via.map.size > KEYS_MOST)
		return err_set(err, "a map of %u keys; at most %d are accepted", object->via.map.size, KEYS_MOST);
	*value = value_map();
	int state = entries_from_msgpack(value, object, &seen, arena, err);
	map_free(&seen);
	return state;
}

static int string_from_msgpack(struct value *value, struct span string, struct arena *arena, struct err *err)
{
	char *copy = arena_string(arena, string.data, string.size);

	if (!copy)
		return err_memory(err);
	*value = value_span(span_of(copy, string.size));
	return 0;
}

int value_from_msgpack(struct value *value, const msgpack_object *object, struct arena *arena, struct err *err)
{
	switch (object->type) {
	case MSGPACK_OBJECT_BOOLEAN: *value = value_bool(object->via.boolean); return 0;
	case MSGPACK_OBJECT_POSITIVE_INTEGER:
		*value = object->via.u64 <= INT64_MAX ? value_integer((int64_t)object->via.u64) : value_real((double)object->via.u64);
		return 0;
	case MSGPACK_OBJECT_NEGATIVE_INTEGER: *value = value_integer(object->via.i64); return 0;
	case MSGPACK_OBJECT_FLOAT32:
	case MSGPACK_OBJECT_FLOAT64: *value = value_real(object->via.f64); return 0;
	case MSGPACK_OBJECT_STR: return string_from_msgpack(value, msgpack_string(object), arena, err);
	case MSGPACK_OBJECT_BIN:
		if (string_from_msgpack(value, span_of(object->via.bin.ptr, object->via.bin.size), arena, err))
			return -1;
		value->kind = VALUE_BYTES;
		return 0;
	case MSGPACK_OBJECT_ARRAY: return list_from_msgpack(value, object, arena, err);
	case MSGPACK_OBJECT_MAP: return map_from_msgpack(value, object, arena, err);
	case MSGPACK_OBJECT_NIL: *value = (struct value){ .kind = VALUE_NULL }; return 0;
	default: return err_set(err, "msgpack: an extension type, which has no meaning here");
	}
}

static void pack_value(msgpack_packer *packer, const struct value *value)
{
	switch (value->kind) {
	case VALUE_NULL: msgpack_pack_nil(packer); return;
	case VALUE_BOOL: value->boolean ? msgpack_pack_true(packer) : msgpack_pack_false(packer); return;
	case VALUE_INTEGER: msgpack_pack_int64(packer, value->integer); return;
	case VALUE_REAL: msgpack_pack_double(packer, value->real); return;
	case VALUE_STRING: pack_string(packer, value->string); return;
	case VALUE_BYTES: pack_bytes(packer, value->string); return;
	case VALUE_ARRAY:
		msgpack_pack_array(packer, value->list.count);
		for (size_t i = 0; i < value->list.count; i++)
			pack_value(packer, &value->list.items[i]);
		return;
	case VALUE_MAP:
		msgpack_pack_map(packer, value->list.count);
		for (size_t i = 0; i < 2 * value->list.count; i++)
			pack_value(packer, &value->list.items[i]);
	}
}

void value_to_msgpack(const struct value *value, struct buf *out)
{
	msgpack_packer packer;

	packer_init(&packer, out);
	pack_value(&packer, value);
}
