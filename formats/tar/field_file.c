#include "formats/tar/field_file.h"

#include "formats/text/captions.h"
#include "formats/text/json.h"
#include "formats/stream/msgpack.h"
#include "formats/tensor/npy.h"
#include "text/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* "txt" and "aug.txt" alike. */
static bool has_extension(struct span name, const char *extension)
{
	size_t size = strlen(extension);

	if (name.size < size || !name_is(span_of(name.data + name.size - size, size), extension))
		return false;
	return name.size == size || name.data[name.size - size - 1] == '.';
}

/* A msgpack value without a form of its own: a real, a list, null. */
static int other_to_json(const struct field *field, struct buf *out, struct err *err)
{
	struct arena arena = { 0 };
	struct value value;
	msgpack_object object;
	msgpack_zone *zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);

	if (!zone)
		return err_memory(err);
	int state = msgpack_parse(&object, field->raw, zone, err) || value_from_msgpack(&value, &object, &arena, err) ||
				    json_write(&value, out, err)
			    ? -1
			    : 0;
	msgpack_zone_free(zone);
	arena_free(&arena);
	return state;
}

int field_to_file(const struct field *field, struct buf *scratch, struct span *head, struct span *body, struct err *err)
{
	int state = 0;

	buf_clear(scratch);
	switch (field->kind) {
	case FIELD_BYTES:
	case FIELD_STRING: break;
	case FIELD_INTEGER: buf_printf(scratch, "%" PRId64, field->integer); break;
	case FIELD_TENSOR: npy_write_head(&field->tensor, scratch); break;
	case FIELD_OTHER:
		if (!has_extension(field->name, "txt") || !captions_to_lines(field->raw, scratch))
			state = other_to_json(field, scratch, err);
	}
	if (scratch->failed)
		return err_memory(err);
	*head = buf_span(scratch);
	*body = field->bytes;
	return state ? err_add(err, "%.*s", (int)field->name.size, (const char *)field->name.data) : 0;
}

/* Digits with an optional sign.  Editors leave white space at the end. */
static bool parse_integer(struct span text, int64_t *integer)
{
	while (text.size && (text.data[text.size - 1] == '\n' || text.data[text.size - 1] == '\r' || text.data[text.size - 1] == ' '))
		text.size--;
	bool negative = text.size && *text.data == '-';
	uint64_t most = (uint64_t)INT64_MAX + negative, number = 0;
	if (text.size == negative)
		return false;
	for (size_t i = negative; i < text.size; i++) {
		unsigned digit = (unsigned)text.data[i] - '0';
		if (digit > 9 || number > (most - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*integer = negative ? (int64_t)(0 - number) : (int64_t)number;
	return true;
}

int label_parse(struct span text, int64_t *integer)
{
	char copy[64], *end;

	text = utf8_trim(text);
	if (parse_integer(text, integer))
		return 1;
	if (text.size == 0 || text.size >= sizeof copy || memchr("0123456789+-.", *text.data, 13) == NULL)
		return 0;
	memcpy(copy, text.data, text.size);
	copy[text.size] = 0;
	const double real = strtod(copy, &end);
	if (*end || strpbrk(copy, "xX"))
		return 0;
	if (!(real >= -0x1p53 && real <= 0x1p53) || (double)(int64_t)real != real)
		return -1;
	*integer = (int64_t)real;
	return 1;
}

void field_from_file(struct field *field)
{
	struct err ignored; /* a .npy file that cannot be read stays bytes */
	struct span data;

	field->kind = FIELD_BYTES;
	if (has_extension(field->name, "txt") && utf8_first_error(field->bytes) == field->bytes.size) {
		field->kind = FIELD_STRING;
	} else if (name_is(field->name, "cls") && parse_integer(field->bytes, &field->integer)) {
		field->kind = FIELD_INTEGER;
		field->bytes = (struct span){ 0 };
	} else if (has_extension(field->name, "npy") && npy_read(field->bytes, &field->tensor, &data, &ignored) == 0) {
		field->kind = FIELD_TENSOR;
		field->bytes = data;
	}
}

int field_check_caption(const struct field *field, struct err *err)
{
	if ((field->kind != FIELD_BYTES && field->kind != FIELD_STRING) || !name_is(field->name, "txt"))
		return 0;
	if (utf8_check(field->bytes, err))
		return err_add(err, "txt");
	return field->kind == FIELD_BYTES ? err_set(err, "txt: bytes, but a caption is a string") : 0;
}
