/* A record to and from msgpack. */
#include "formats/stream/stream.h"

#include <string.h>

static bool read_shape(struct field_tensor *tensor, const msgpack_object *shape)
{
	if (shape->type != MSGPACK_OBJECT_ARRAY || shape->via.array.size > RECORD_TENSOR_RANK)
		return false;
	tensor->rank = shape->via.array.size;
	for (size_t i = 0; i < tensor->rank; i++) {
		const msgpack_object *side = &shape->via.array.ptr[i];
		if (side->type != MSGPACK_OBJECT_POSITIVE_INTEGER || side->via.u64 > SIZE_MAX)
			return false;
		tensor->shape[i] = (size_t)side->via.u64;
	}
	return true;
}

static bool read_dtype(struct field_tensor *tensor, const msgpack_object *dtype)
{
	if (!msgpack_is_string(dtype) || dtype->via.str.size >= sizeof tensor->dtype)
		return false;
	memcpy(tensor->dtype, dtype->via.str.ptr, dtype->via.str.size);
	return true;
}

/* A map that is not a tensor of a known type is passed on.  A tensor whose data does not match its shape is an error. */
static int read_tensor(struct field *field, const msgpack_object *map, struct err *err)
{
	const msgpack_object *dtype = msgpack_get(map, "dtype");
	const msgpack_object *shape = msgpack_get(map, "shape");
	const msgpack_object *data = msgpack_get(map, "data");
	struct field_tensor tensor = { 0 };
	size_t bytes = 0;

	field->kind = FIELD_OTHER;
	if (!dtype || !shape || !data || data->type != MSGPACK_OBJECT_BIN || !read_dtype(&tensor, dtype) || !read_shape(&tensor, shape) ||
		!field_tensor_known(&tensor))
		return 0;
	if (field_tensor_bytes(&tensor, &bytes, err))
		return -1;
	if (data->via.bin.size != bytes)
		return err_set(err, "%u bytes of data, but the shape requires %zu", data->via.bin.size, bytes);
	field->kind = FIELD_TENSOR;
	field->tensor = tensor;
	field->bytes = span_of(data->via.bin.ptr, bytes);
	return 0;
}

static int read_field(struct field *field, const struct msgpack_piece *value, msgpack_zone *zone, struct err *err)
{
	msgpack_object map;

	field->kind = FIELD_OTHER;
	field->bytes = value->content;
	switch (value->kind) {
	case MSGPACK_BINARY: field->kind = FIELD_BYTES; return 0;
	case MSGPACK_STRING: field->kind = FIELD_STRING; return 0;
	case MSGPACK_UNSIGNED:
	case MSGPACK_SIGNED:
		field->bytes = (struct span){ 0 };
		field->kind = value->kind == MSGPACK_SIGNED || value->number <= INT64_MAX ? FIELD_INTEGER : FIELD_OTHER;
		field->integer = (int64_t)value->number;
		return 0;
	case MSGPACK_MAP: return msgpack_parse(&map, value->raw, zone, err) ? -1 : read_tensor(field, &map, err);
	case MSGPACK_ELSE: break;
	}
	field->bytes = (struct span){ 0 };
	return 0;
}

/* A label that another program stores as floating point: 3.0. */
static bool whole_real(struct span raw, int64_t *integer)
{
	double real;

	if (raw.size == 9 && raw.data[0] == 0xcb) {
		uint64_t bits = 0;
		for (size_t i = 1; i < 9; i++)
			bits = bits << 8 | raw.data[i];
		memcpy(&real, &bits, sizeof real);
	} else if (raw.size == 5 && raw.data[0] == 0xca) {
		uint32_t bits = 0;
		float single;
		for (size_t i = 1; i < 5; i++)
			bits = bits << 8 | raw.data[i];
		memcpy(&single, &bits, sizeof single);
		real = (double)single;
	} else {
		return false;
	}
	*integer = real >= -0x1p53 && real <= 0x1p53 ? (int64_t)real : 0;
	return real >= -0x1p53 && real <= 0x1p53 && (double)*integer == real;
}

/* Finds duplicate names in a record with many fields in linear time: a hash table of field numbers, from 1. */
enum { MOST_FIELDS = 1024, FEW_FIELDS = 32, NAME_SLOTS = 2 * MOST_FIELDS };

struct name_table {
	uint16_t slots[NAME_SLOTS];
};

/* Is there a field of that name?  If not, the name is added.  names: NULL for few fields. */
static bool is_duplicate(const struct record *record, struct name_table *names, struct span name)
{
	if (!names) {
		for (size_t i = 0; i < record->count; i++)
			if (name_equal(record->fields[i].name, name))
				return true;
		return false;
	}
	uint32_t slot = name_hash(name) % NAME_SLOTS;
	for (; names->slots[slot]; slot = (slot + 1) % NAME_SLOTS)
		if (name_equal(record->fields[names->slots[slot] - 1].name, name))
			return true;
	names->slots[slot] = (uint16_t)(record->count + 1);
	return false;
}

static int read_entry(struct record *record, struct name_table *names, struct span name, const struct msgpack_piece *value,
	msgpack_zone *zone, struct err *err)
{
	if (span_is(name, "__key__")) {
		if (value->kind != MSGPACK_STRING || value->content.size == 0)
			return err_set(err, "__key__ is not a non-empty string");
		if (record->key.size)
			return err_set(err, "duplicate __key__");
		record->key = value->content;
		return 0;
	}
	if (is_duplicate(record, names, name))
		return err_set(err, "duplicate field %.*s", (int)name.size, (const char *)name.data);
	struct field *field = &record->fields[record->count++];
	*field = (struct field){ .name = name, .raw = value->raw };
	if (value->kind == MSGPACK_ELSE && name_is(name, "cls") && whole_real(value->raw, &field->integer)) {
		field->kind = FIELD_INTEGER; /* raw is kept */
		return 0;
	}
	if (read_field(field, value, zone, err))
		return err_add(err, "%.*s", (int)name.size, (const char *)name.data);
	return 0;
}

static int take(struct msgpack_piece *piece, struct span *rest, struct err *err)
{
	if (msgpack_take(piece, *rest))
		return err_set(err, "msgpack: invalid value");
	*rest = span_of(rest->data + piece->raw.size, rest->size - piece->raw.size);
	return 0;
}

/* msgpack-c would build a tree; nearly every field is a name and a string or binary, which msgpack_take decodes. */
int record_from_msgpack(struct record *record, struct span bytes, msgpack_zone *zone, struct err *err)
{
	struct msgpack_piece map, name, value;
	struct name_table many, *names = NULL;

	if (msgpack_take_head(&map, bytes))
		return err_set(err, "msgpack: invalid value");
	if (map.kind != MSGPACK_MAP)
		return err_set(err, "not a map");
	if (map.number > MOST_FIELDS)
		return err_set(err, "a record of %llu fields; the limit is %d", (unsigned long long)map.number, MOST_FIELDS);
	record->fields = arena_alloc(&record->arena, ((size_t)map.number + 1) * sizeof *record->fields);
	if (!record->fields)
		return err_memory(err);
	if (map.number > FEW_FIELDS) {
		many = (struct name_table){ 0 };
		names = &many;
	}
	struct span rest = span_of(bytes.data + map.head, bytes.size - map.head);
	for (uint64_t i = 0; i < map.number; i++) {
		if (take(&name, &rest, err))
			return -1;
		if (name.kind != MSGPACK_STRING)
			return err_set(err, "a field's name is not a string");
		if (take(&value, &rest, err) || read_entry(record, names, name.content, &value, zone, err))
			return -1;
	}
	if (rest.size)
		return err_set(err, "msgpack: %zu extra bytes after the record", rest.size);
	if (!record->key.size)
		return err_set(err, "a record without __key__");
	record->raw = bytes;
	return 0;
}

int stream_record_own(struct stream_reader *reader, struct record *record, struct err *err)
{
	uint64_t epoch = record->epoch;
	struct span bytes = record->raw;
	struct buf storage = record->storage;

	if (bytes.data == storage.data)
		return 0; /* owned already */
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

int stream_record_hold(struct record *record, struct err *err)
{
	struct span bytes = record->raw;
	struct buf storage = record->storage;

	if (bytes.data == storage.data)
		return 0;
	buf_clear(&storage);
	buf_append_span(&storage, bytes);
	record->storage = (struct buf){ 0 };
	record_reset(record);
	record->storage = storage;
	record->raw = buf_span(&record->storage);
	return storage.failed ? err_memory(err) : 0;
}

struct packing {
	msgpack_packer packer;
	struct buf *out;
	const struct record_sink *sink;
	struct err *err;
};

/* Writes the content of a field, or a whole record. */
static int put(struct packing *packing, struct span content)
{
	if (content.size >= packing->sink->least)
		return packing->sink->content(packing->sink->context, content, packing->err);
	buf_append_span(packing->out, content);
	return 0;
}

/* A tensor up to its data, which comes last. */
static void pack_tensor_head(msgpack_packer *packer, const struct field *field)
{
	msgpack_pack_map(packer, 3);
	pack_string(packer, span_string("dtype"));
	pack_string(packer, span_string(field->tensor.dtype));
	pack_string(packer, span_string("shape"));
	msgpack_pack_array(packer, field->tensor.rank);
	for (size_t i = 0; i < field->tensor.rank; i++)
		msgpack_pack_uint64(packer, field->tensor.shape[i]);
	pack_string(packer, span_string("data"));
	msgpack_pack_bin(packer, field->bytes.size);
}

static int pack_field(struct packing *packing, const struct field *field)
{
	msgpack_packer *packer = &packing->packer;

	pack_string(packer, field->name);
	if (field->raw.size)
		return put(packing, field->raw);
	switch (field->kind) {
	case FIELD_BYTES: msgpack_pack_bin(packer, field->bytes.size); break;
	case FIELD_STRING: msgpack_pack_str(packer, field->bytes.size); break;
	case FIELD_TENSOR: pack_tensor_head(packer, field); break;
	case FIELD_INTEGER: msgpack_pack_int64(packer, field->integer); return 0;
	case FIELD_OTHER: /* has raw, always */ msgpack_pack_nil(packer); return 0;
	}
	return put(packing, field->bytes);
}

/* msgpack stores lengths in 32 bits. */
static int check_lengths(const struct record *record, struct err *err)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct field *field = &record->fields[i];
		if (!field->raw.size && field->bytes.size > UINT32_MAX)
			return err_set(err, "%.*s: %.*s: %zu bytes; a field can have at most %u", span_shown(record->key, 512),
				(const char *)record->key.data, (int)field->name.size, (const char *)field->name.data, field->bytes.size,
				UINT32_MAX);
	}
	return 0;
}

int record_to_sink(const struct record *record, struct buf *out, const struct record_sink *sink, struct err *err)
{
	struct packing packing = { .out = out, .sink = sink, .err = err };

	if (record->raw.size)
		return put(&packing, record->raw);
	if (check_lengths(record, err))
		return -1;
	packer_init(&packing.packer, out);
	msgpack_pack_map(&packing.packer, record->count + 1);
	pack_string(&packing.packer, span_string("__key__"));
	pack_string(&packing.packer, record->key);
	for (size_t i = 0; i < record->count; i++)
		if (pack_field(&packing, &record->fields[i]))
			return -1;
	return 0;
}
