#include "formats/stream/msgpack.h"

#include "core/map.h"

enum content { NOTHING, STRING, BINARY, ARRAY, MAP };

/* The layout of a value, by its first byte. */
struct shape {
	size_t length_bytes; /* of the length after the first byte */
	enum content content;
	uint64_t fixed; /* a length given by the first byte; NOTHING: bytes after the first */
};

static struct shape shape_of(unsigned char first)
{
	static const struct shape long_forms[32] = {
		[0xc4 - 0xc0] = { 1, BINARY, 0 },
		[0xc5 - 0xc0] = { 2, BINARY, 0 },
		[0xc6 - 0xc0] = { 4, BINARY, 0 },
		/* ext: a type byte and the data */
		[0xc7 - 0xc0] = { 1, BINARY, 1 },
		[0xc8 - 0xc0] = { 2, BINARY, 1 },
		[0xc9 - 0xc0] = { 4, BINARY, 1 },
		[0xca - 0xc0] = { 0, NOTHING, 4 },
		[0xcb - 0xc0] = { 0, NOTHING, 8 },
		[0xcc - 0xc0] = { 0, NOTHING, 1 },
		[0xcd - 0xc0] = { 0, NOTHING, 2 },
		[0xce - 0xc0] = { 0, NOTHING, 4 },
		[0xcf - 0xc0] = { 0, NOTHING, 8 },
		[0xd0 - 0xc0] = { 0, NOTHING, 1 },
		[0xd1 - 0xc0] = { 0, NOTHING, 2 },
		[0xd2 - 0xc0] = { 0, NOTHING, 4 },
		[0xd3 - 0xc0] = { 0, NOTHING, 8 },
		[0xd4 - 0xc0] = { 0, NOTHING, 2 },
		[0xd5 - 0xc0] = { 0, NOTHING, 3 },
		[0xd6 - 0xc0] = { 0, NOTHING, 5 },
		[0xd7 - 0xc0] = { 0, NOTHING, 9 },
		[0xd8 - 0xc0] = { 0, NOTHING, 17 },
		[0xd9 - 0xc0] = { 1, STRING, 0 },
		[0xda - 0xc0] = { 2, STRING, 0 },
		[0xdb - 0xc0] = { 4, STRING, 0 },
		[0xdc - 0xc0] = { 2, ARRAY, 0 },
		[0xdd - 0xc0] = { 4, ARRAY, 0 },
		[0xde - 0xc0] = { 2, MAP, 0 },
		[0xdf - 0xc0] = { 4, MAP, 0 },
	};

	if (first <= 0x7f || first >= 0xe0)
		return (struct shape){ 0, NOTHING, 0 };
	if (first <= 0x8f)
		return (struct shape){ 0, MAP, first & 0x0f };
	if (first <= 0x9f)
		return (struct shape){ 0, ARRAY, first & 0x0f };
	if (first <= 0xbf)
		return (struct shape){ 0, STRING, first & 0x1f };
	return long_forms[first - 0xc0];
}

static uint64_t big_endian(const unsigned char *bytes, size_t count)
{
	uint64_t number = 0;

	for (size_t i = 0; i < count; i++)
		number = number << 8 | bytes[i];
	return number;
}

static int open_container(struct msgpack_scan *scan, uint64_t values, const struct limits *limits, struct err *err)
{
	if (values > limits->elements)
		return err_set(
			err, "msgpack: a container of %llu values; at most %zu are accepted", (unsigned long long)values, limits->elements);
	if (scan->depth >= limits->depth || scan->depth >= SCAN_DEPTH)
		return err_set(err, "msgpack: nested deeper than %zu", limits->depth);
	scan->missing[scan->depth++] = values;
	return 0;
}

/* A value has ended: closes all containers of which it was the last. */
static void close_containers(struct msgpack_scan *scan)
{
	while (scan->depth && scan->missing[scan->depth - 1] == 0)
		scan->depth--;
}

/* Scans one value, or the head of a container. */
static int scan_value(struct msgpack_scan *scan, struct span rest, const struct limits *limits, struct err *err)
{
	struct shape shape = shape_of(rest.data[0]);
	size_t head = 1 + shape.length_bytes;

	if (rest.data[0] == 0xc1)
		return err_set(err, "msgpack: invalid byte 0xc1");
	if (rest.size < head)
		return 0;
	uint64_t length = shape.length_bytes ? big_endian(rest.data + 1, shape.length_bytes) : shape.fixed;
	bool container = shape.content == ARRAY || shape.content == MAP;
	uint64_t payload = container ? 0 : length + (shape.length_bytes ? shape.fixed : 0);
	if (shape.content == STRING && length > limits->string)
		return err_set(
			err, "msgpack: a string of %llu bytes; at most %zu are accepted", (unsigned long long)length, limits->string);
	if (payload > limits->record - scan->position || head > limits->record - scan->position - payload)
		return err_set(err, "msgpack: a record of more than %zu bytes", limits->record);
	if (rest.size - head < payload)
		return 0;
	if (++scan->elements > limits->elements)
		return err_set(err, "msgpack: more than %zu values in one record", limits->elements);
	scan->position += head + (size_t)payload;
	if (scan->depth)
		scan->missing[scan->depth - 1]--;
	if (container && open_container(scan, shape.content == MAP ? 2 * length : length, limits, err))
		return -1;
	close_containers(scan);
	return 1;
}

/* Sign-extends a number of that many bytes to 64 bits. */
static uint64_t sign_extend(uint64_t number, size_t bytes)
{
	const uint64_t sign = (uint64_t)1 << (8 * bytes - 1);

	return (number ^ sign) - sign;
}

static void take_number(struct msgpack_piece *piece, unsigned char first, const unsigned char *payload)
{
	const size_t bytes = (size_t)1 << (first & 3);

	if (first <= 0x7f || first >= 0xe0) {
		piece->kind = first <= 0x7f ? MSGPACK_UNSIGNED : MSGPACK_SIGNED;
		piece->number = sign_extend(first, 1);
	} else if (first >= 0xcc && first <= 0xcf) {
		piece->kind = MSGPACK_UNSIGNED;
		piece->number = big_endian(payload, bytes);
	} else if (first >= 0xd0 && first <= 0xd3) {
		piece->kind = MSGPACK_SIGNED;
		piece->number = sign_extend(big_endian(payload, bytes), bytes);
	}
}

static int take_container(struct msgpack_piece *piece, struct span bytes)
{
	static const struct limits none = { .record = SIZE_MAX, .string = SIZE_MAX, .depth = SCAN_DEPTH, .elements = SIZE_MAX };
	struct msgpack_scan scan;
	struct err ignored;

	msgpack_scan_begin(&scan);
	if (msgpack_scan(&scan, bytes, &none, &ignored) != 1)
		return -1;
	piece->raw = span_of(bytes.data, scan.position);
	return 0;
}

int msgpack_take_head(struct msgpack_piece *piece, struct span bytes)
{
	*piece = (struct msgpack_piece){ .kind = MSGPACK_ELSE };
	if (bytes.size == 0)
		return -1;
	const unsigned char first = bytes.data[0];
	const struct shape shape = shape_of(first);
	piece->head = 1 + shape.length_bytes;
	if (bytes.size < piece->head || first == 0xc1)
		return -1;
	const uint64_t length = shape.length_bytes ? big_endian(bytes.data + 1, shape.length_bytes) : shape.fixed;
	if (shape.content == ARRAY || shape.content == MAP) {
		piece->kind = shape.content == MAP ? MSGPACK_MAP : MSGPACK_ELSE;
		piece->number = length;
		return 0;
	}
	const uint64_t payload = length + (shape.length_bytes ? shape.fixed : 0);
	if (payload > bytes.size - piece->head)
		return -1;
	piece->raw = span_of(bytes.data, piece->head + (size_t)payload);
	piece->content = span_of(bytes.data + piece->head, (size_t)payload);
	if (shape.content == STRING)
		piece->kind = MSGPACK_STRING;
	else if (first >= 0xc4 && first <= 0xc6) /* the others are ext types */
		piece->kind = MSGPACK_BINARY;
	else
		take_number(piece, first, bytes.data + 1);
	return 0;
}

int msgpack_take(struct msgpack_piece *piece, struct span bytes)
{
	if (msgpack_take_head(piece, bytes))
		return -1;
	return piece->raw.size ? 0 : take_container(piece, bytes);
}

void msgpack_scan_begin(struct msgpack_scan *scan)
{
	scan->position = scan->depth = scan->elements = 0;
}

int msgpack_scan(struct msgpack_scan *scan, struct span bytes, const struct limits *limits, struct err *err)
{
	do {
		if (scan->position >= bytes.size)
			return 0;
		int state = scan_value(scan, span_of(bytes.data + scan->position, bytes.size - scan->position), limits, err);
		if (state != 1)
			return state;
	} while (scan->depth);
	return 1;
}

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
		return err_set(err, "msgpack: invalid value");
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
	return 0; /* buf->failed records an error */
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

/* Maps with more keys are looked up by hash. */
enum { FEW_KEYS = 16 };

/* A duplicate key replaces the first. */
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
	default: return err_set(err, "msgpack: extension types are not supported");
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
