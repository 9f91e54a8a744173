#include "core/record.h"

#include <stdio.h>
#include <string.h>

void record_reset(struct record *record)
{
	arena_reset(&record->arena);
	buf_clear(&record->storage);
	record->key = record->raw = (struct span){ 0 };
	record->fields = NULL;
	record->count = 0;
}

void record_free(struct record *record)
{
	arena_free(&record->arena);
	buf_free(&record->storage);
	*record = (struct record){ 0 };
}

size_t record_memory(const struct record *record)
{
	return record->storage.capacity + record->arena.peak;
}

static unsigned char lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

bool name_is(struct span name, const char *wanted)
{
	for (size_t i = 0; i < name.size; i++)
		if (!wanted[i] || lower(name.data[i]) != lower((unsigned char)wanted[i]))
			return false;
	return !wanted[name.size];
}

bool name_equal(struct span a, struct span b)
{
	if (a.size != b.size)
		return false;
	for (size_t i = 0; i < a.size; i++)
		if (lower(a.data[i]) != lower(b.data[i]))
			return false;
	return true;
}

uint32_t name_hash(struct span name)
{
	uint32_t hash = 2166136261; /* FNV-1a */

	for (size_t i = 0; i < name.size; i++)
		hash = (hash ^ (name.data[i] | 0x20)) * 16777619;
	return hash ^ hash >> 15;
}

struct field *record_find(const struct record *record, const char *name)
{
	for (size_t i = 0; i < record->count; i++)
		if (name_is(record->fields[i].name, name))
			return &record->fields[i];
	return NULL;
}

int record_text(const struct record *record, struct span *text, struct err *err)
{
	const struct field *field = record_find(record, "txt");

	if (!field)
		return err_set(err, "txt: the record has no caption");
	if (field->kind == FIELD_BYTES)
		return err_set(err, "txt: bytes, but a caption is a string");
	if (field->kind != FIELD_STRING)
		return err_set(err, "txt: must be a string");
	*text = field->bytes;
	return 0;
}

int record_label(const struct record *record, int64_t *label, struct err *err)
{
	const struct field *field = record_find(record, "cls");

	if (!field)
		return err_set(err, "cls: the record has no label");
	if (field->kind == FIELD_STRING || field->kind == FIELD_BYTES)
		return err_set(err, "cls: '%.*s' is text, but a label is an integer", span_shown(field->bytes, 64),
			(const char *)field->bytes.data);
	if (field->kind != FIELD_INTEGER)
		return err_set(err, "cls: not an integer");
	*label = field->integer;
	return 0;
}

bool name_is_image(struct span name)
{
	static const char *const names[] = { "jpg", "jpeg", "png", "webp", "ppm", "pgm" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (name_is(name, names[i]))
			return true;
	return false;
}

struct field *record_image(const struct record *record)
{
	for (size_t i = 0; i < record->count; i++)
		if (name_is_image(record->fields[i].name))
			return &record->fields[i];
	return NULL;
}

const struct field *record_tensor(const struct record *record, const char *name, const char *dtype, size_t rank, struct err *err)
{
	const struct field *field = record_find(record, name);

	if (!field) {
		err_set(err, "%s: the record has no such tensor", name);
		return NULL;
	}
	if (field->kind != FIELD_TENSOR || field->tensor.rank != rank || strcmp(field->tensor.dtype, dtype) != 0) {
		err_set(err, "%s: expected a tensor of type %s with %zu axes", name, dtype, rank);
		return NULL;
	}
	return field;
}

/* The field to fill: an existing one, with its name as it is, or a new one. */
static struct field *set_field(struct record *record, const char *name, enum field_kind kind, struct err *err)
{
	struct field *field = record_find(record, name);

	if (!field) {
		struct field *fields = arena_alloc(&record->arena, (record->count + 1) * sizeof *fields);
		char *copy = arena_string(&record->arena, name, strlen(name));
		if (!fields || !copy) {
			err_memory(err);
			return NULL;
		}
		if (record->count)
			memcpy(fields, record->fields, record->count * sizeof *fields);
		record->fields = fields;
		field = &fields[record->count++];
		field->name = span_string(copy);
	}
	*field = (struct field){ .name = field->name, .kind = kind };
	record->raw = (struct span){ 0 };
	return field;
}

static int set_content(struct record *record, const char *name, enum field_kind kind, struct span content, struct err *err)
{
	char *copy = arena_string(&record->arena, content.data, content.size);
	struct field *field = copy ? set_field(record, name, kind, err) : NULL;

	if (!field)
		return err_memory(err);
	field->bytes = span_of(copy, content.size);
	return 0;
}

int record_set_bytes(struct record *record, const char *name, const void *data, size_t size, struct err *err)
{
	return set_content(record, name, FIELD_BYTES, span_of(data, size), err);
}

int record_set_string(struct record *record, const char *name, struct span text, struct err *err)
{
	return set_content(record, name, FIELD_STRING, text, err);
}

int record_set_integer(struct record *record, const char *name, int64_t integer, struct err *err)
{
	struct field *field = set_field(record, name, FIELD_INTEGER, err);

	if (!field)
		return -1;
	field->integer = integer;
	return 0;
}

void *record_set_tensor(
	struct record *record, const char *name, const char *dtype, size_t rank, const size_t *shape, const void *data, struct err *err)
{
	struct field_tensor tensor = { .rank = rank };
	size_t bytes = 0;

	snprintf(tensor.dtype, sizeof tensor.dtype, "%s", dtype);
	for (size_t i = 0; i < rank && i < RECORD_TENSOR_RANK; i++)
		tensor.shape[i] = shape[i];
	if (field_tensor_bytes(&tensor, &bytes, err))
		return NULL;
	void *copy = arena_alloc(&record->arena, bytes ? bytes : 1);
	struct field *field = copy ? set_field(record, name, FIELD_TENSOR, err) : NULL;
	if (!field) {
		err_memory(err);
		return NULL;
	}
	if (data && bytes)
		memcpy(copy, data, bytes);
	field->tensor = tensor;
	field->bytes = span_of(copy, bytes);
	return copy;
}

void record_remove(struct record *record, const char *name)
{
	struct field *field = record_find(record, name);

	if (field)
		record_remove_at(record, (size_t)(field - record->fields));
}

void record_remove_at(struct record *record, size_t index)
{
	struct field *field = &record->fields[index];

	memmove(field, field + 1, (record->count - index - 1) * sizeof *field);
	record->count--;
	record->raw = (struct span){ 0 };
}

/* NumPy's names: byte order, kind, size in bytes. */
static size_t dtype_bytes(const char *dtype)
{
	static const struct {
		const char *name;
		size_t bytes;
	} known[] = {
		{ "|u1", 1 },
		{ "|i1", 1 },
		{ "|b1", 1 },
		{ "<f4", 4 },
		{ "<f2", 2 },
		{ "<f8", 8 },
		{ "<i8", 8 },
		{ "<i4", 4 },
		{ "<i2", 2 },
		{ "<u2", 2 },
		{ "<u4", 4 },
		{ "<u8", 8 },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(dtype, known[i].name) == 0)
			return known[i].bytes;
	return 0;
}

bool field_tensor_known(const struct field_tensor *tensor)
{
	return dtype_bytes(tensor->dtype) != 0;
}

int field_tensor_bytes(const struct field_tensor *tensor, size_t *bytes, struct err *err)
{
	size_t total = dtype_bytes(tensor->dtype);

	if (!total)
		return err_set(err, "tensor type '%s' is not one of |u1 |i1 |b1 <i2 <u2 <i4 <u4 <i8 <u8 <f2 <f4 <f8", tensor->dtype);
	if (tensor->rank > RECORD_TENSOR_RANK)
		return err_set(err, "a tensor has at most %d axes", RECORD_TENSOR_RANK);
	for (size_t i = 0; i < tensor->rank; i++) {
		if (tensor->shape[i] && total > SIZE_MAX / tensor->shape[i])
			return err_set(err, "the tensor's shape overflows");
		total *= tensor->shape[i];
	}
	*bytes = total;
	return 0;
}
