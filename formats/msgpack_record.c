#include "formats/msgpack_record.h"

#include "formats/msgpack_scan.h"

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

/* A map that is no tensor of a kind we know is passed on; one that is, and whose data does not fit it, is damaged. */
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
		return err_set(err, "%u bytes of data where its shape needs %zu", data->via.bin.size, bytes);
	field->kind = FIELD_TENSOR;
	field->tensor = tensor;
	field->bytes = span_of(data->via.bin.ptr, bytes);
	return 0;
}

static int read_field(struct field *field, const msgpack_object *value, struct err *err)
{
	switch (value->type) {
	case MSGPACK_OBJECT_BIN:
		field->kind = FIELD_BYTES;
		field->bytes = span_of(value->via.bin.ptr, value->via.bin.size);
		return 0;
	case MSGPACK_OBJECT_STR:
		field->kind = FIELD_STRING;
		field->bytes = msgpack_string(value);
		return 0;
	case MSGPACK_OBJECT_NEGATIVE_INTEGER:
		field->kind = FIELD_INTEGER;
		field->integer = value->via.i64;
		return 0;
	case MSGPACK_OBJECT_POSITIVE_INTEGER:
		field->kind = value->via.u64 <= INT64_MAX ? FIELD_INTEGER : FIELD_OTHER;
		field->integer = (int64_t)(value->via.u64 & INT64_MAX);
		return 0;
	case MSGPACK_OBJECT_MAP:
		return read_tensor(field, value, err);
	default:
		field->kind = FIELD_OTHER;
		return 0;
	}
}

/* Where a value of the map lies in the bytes: msgpack-c does not say, so that heads are measured again. */
struct walk {
	struct span bytes;
	size_t position;
};

static struct span walk_value(struct walk *walk)
{
	static const struct limits none = { .record = SIZE_MAX, .string = SIZE_MAX, .depth = SCAN_DEPTH, .elements = SIZE_MAX };
	struct span rest = span_of(walk->bytes.data + walk->position, walk->bytes.size - walk->position);
	struct msgpack_scan scan;
	struct err ignored;

	msgpack_scan_begin(&scan);
	msgpack_scan(&scan, rest, &none, &ignored);
	walk->position += scan.position;
	return span_of(rest.data, scan.position);
}

static size_t map_head_size(unsigned char first)
{
	return first == 0xde ? 3 : first == 0xdf ? 5 : 1;
}

static int read_entry(struct record *record, const msgpack_object_kv *entry, struct span raw, struct err *err)
{
	struct span name = msgpack_string(&entry->key);

	if (span_is(name, "__key__")) {
		if (!msgpack_is_string(&entry->val) || entry->val.via.str.size == 0)
			return err_set(err, "__key__ is not a string with something in it");
		record->key = msgpack_string(&entry->val);
		return 0;
	}
	for (size_t i = 0; i < record->count; i++)
		if (name_equal(record->fields[i].name, name))
			return err_set(err, "field %.*s stands twice", (int)name.size, (const char *)name.data);
	struct field *field = &record->fields[record->count++];
	*field = (struct field){ .name = name, .raw = raw };
	if (read_field(field, &entry->val, err))
		return err_add(err, "%.*s", (int)name.size, (const char *)name.data);
	return 0;
}

enum { MOST_FIELDS = 1024 };

int record_from_msgpack(struct record *record, struct span bytes, msgpack_zone *zone, struct err *err)
{
	msgpack_object map;

	if (msgpack_parse(&map, bytes, zone, err))
		return -1;
	if (map.type != MSGPACK_OBJECT_MAP)
		return err_set(err, "not a map");
	if (map.via.map.size > MOST_FIELDS)
		return err_set(err, "a record of %u fields; at most %d are accepted", map.via.map.size, MOST_FIELDS);
	record->fields = arena_alloc(&record->arena, (map.via.map.size + 1) * sizeof *record->fields);
	if (!record->fields)
		return err_memory(err);
	struct walk walk = { .bytes = bytes, .position = map_head_size(bytes.data[0]) };
	for (size_t i = 0; i < map.via.map.size; i++) {
		if (!msgpack_is_string(&map.via.map.ptr[i].key))
			return err_set(err, "a field's name is not a string");
		walk_value(&walk);
		if (read_entry(record, &map.via.map.ptr[i], walk_value(&walk), err))
			return -1;
	}
	if (!record->key.size)
		return err_set(err, "a record without __key__");
	record->raw = bytes;
	return 0;
}

struct packing {
	msgpack_packer packer;
	struct buf *out;
	const struct record_sink *sink;
	struct err *err;
};

/* The content of a field (SIZE_MAX: a whole record). */
static int put(struct packing *packing, size_t field, struct span content)
{
	if (packing->sink && content.size >= packing->sink->least)
		return packing->sink->content(packing->sink->context, field, content, packing->err);
	buf_append_span(packing->out, content);
	return 0;
}

/* All of a tensor but its data, which comes last. */
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

static int pack_field(struct packing *packing, const struct field *field, size_t index)
{
	msgpack_packer *packer = &packing->packer;

	pack_string(packer, field->name);
	if (field->raw.size)
		return put(packing, SIZE_MAX, field->raw);
	switch (field->kind) {
	case FIELD_BYTES:
		msgpack_pack_bin(packer, field->bytes.size);
		break;
	case FIELD_STRING:
		msgpack_pack_str(packer, field->bytes.size);
		break;
	case FIELD_TENSOR:
		pack_tensor_head(packer, field);
		break;
	case FIELD_INTEGER:
		msgpack_pack_int64(packer, field->integer);
		return 0;
	case FIELD_OTHER: /* always came from outside */
		msgpack_pack_nil(packer);
		return 0;
	}
	return put(packing, index, field->bytes);
}

int record_to_sink(const struct record *record, struct buf *out, const struct record_sink *sink, struct err *err)
{
	struct packing packing = { .out = out, .sink = sink, .err = err };

	if (record->raw.size)
		return put(&packing, SIZE_MAX, record->raw);
	packer_init(&packing.packer, out);
	msgpack_pack_map(&packing.packer, record->count + 1);
	pack_string(&packing.packer, span_string("__key__"));
	pack_string(&packing.packer, record->key);
	for (size_t i = 0; i < record->count; i++)
		if (pack_field(&packing, &record->fields[i], i))
			return -1;
	return 0;
}

void record_to_msgpack(const struct record *record, struct buf *out)
{
	record_to_sink(record, out, NULL, NULL);
}
