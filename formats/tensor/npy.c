#include "formats/tensor/npy.h"

#include <stdio.h>
#include <string.h>

enum { MAGIC = 6, ALIGNMENT = 64, GROWTH_DIGITS = 21 };

static const unsigned char magic[MAGIC] = { 0x93, 'N', 'U', 'M', 'P', 'Y' };

static int truncated(struct err *err)
{
	return err_set(err, "npy: the file is truncated");
}

/* Splits the file into the header's text and the data. */
static int split(struct span file, struct span *header, struct span *rest, struct err *err)
{
	if (file.size < MAGIC || memcmp(file.data, magic, MAGIC) != 0)
		return err_set(err, "npy: not a .npy file");
	if (file.size < MAGIC + 2)
		return truncated(err);
	unsigned version = file.data[MAGIC];
	size_t length_bytes = version == 1 ? 2 : 4, at = MAGIC + 2, length = 0;
	if (version < 1 || version > 3)
		return err_set(err, "npy: version %u; only versions 1 to 3 are supported", version);
	if (file.size < at + length_bytes)
		return truncated(err);
	for (size_t i = length_bytes; i-- > 0;)
		length = length << 8 | file.data[at + i];
	at += length_bytes;
	if (length > file.size - at)
		return truncated(err);
	*header = span_of(file.data + at, length);
	*rest = span_of(file.data + at + length, file.size - at - length);
	return 0;
}

static void skip_spaces(struct span *text)
{
	while (text->size && (*text->data == ' ' || *text->data == '\n')) {
		text->data++;
		text->size--;
	}
}

/* Removes the next character if it is the wanted one. */
static bool take(struct span *text, char wanted)
{
	skip_spaces(text);
	if (!text->size || *text->data != (unsigned char)wanted)
		return false;
	text->data++;
	text->size--;
	return true;
}

static bool take_quoted(struct span *text, struct span *content)
{
	char quote = take(text, '\'') ? '\'' : take(text, '"') ? '"' : 0;
	const unsigned char *end = quote && text->size ? memchr(text->data, quote, text->size) : NULL;

	if (!end)
		return false;
	*content = span_of(text->data, (size_t)(end - text->data));
	*text = span_of(end + 1, text->size - content->size - 1);
	return true;
}

static bool take_word(struct span *text, const char *word)
{
	size_t size = strlen(word);

	skip_spaces(text);
	if (text->size < size || memcmp(text->data, word, size) != 0)
		return false;
	*text = span_of(text->data + size, text->size - size);
	return true;
}

static bool take_number(struct span *text, size_t *number)
{
	bool any = false;

	skip_spaces(text);
	for (*number = 0; text->size && *text->data >= '0' && *text->data <= '9'; any = true) {
		if (*number > (SIZE_MAX - 9) / 10)
			return false;
		*number = *number * 10 + (size_t)(*text->data - '0');
		*text = span_of(text->data + 1, text->size - 1);
	}
	return any;
}

/* "()", "(3,)", "(2, 3)" */
static bool take_shape(struct span *text, struct field_tensor *tensor)
{
	tensor->rank = 0;
	if (!take(text, '('))
		return false;
	while (!take(text, ')')) {
		if (tensor->rank == RECORD_TENSOR_RANK || !take_number(text, &tensor->shape[tensor->rank++]))
			return false;
		if (!take(text, ',') && !(text->size && *text->data == ')'))
			return false;
	}
	return true;
}

static bool take_dtype(struct span *text, struct field_tensor *tensor)
{
	struct span name;

	if (!take_quoted(text, &name) || name.size >= sizeof tensor->dtype)
		return false;
	memcpy(tensor->dtype, name.data, name.size);
	tensor->dtype[name.size] = 0;
	return true;
}

struct header {
	bool dtype, shape, order; /* present in the header */
	bool fortran;
};

static bool take_entry(struct span *text, struct header *header, struct field_tensor *tensor)
{
	struct span name;

	if (!take_quoted(text, &name) || !take(text, ':'))
		return false;
	if (span_is(name, "descr"))
		return header->dtype = take_dtype(text, tensor);
	if (span_is(name, "shape"))
		return header->shape = take_shape(text, tensor);
	header->fortran = take_word(text, "True");
	return header->order = span_is(name, "fortran_order") && (header->fortran || take_word(text, "False"));
}

static int read_header(struct span text, struct field_tensor *tensor, struct err *err)
{
	struct header header = { 0 };
	bool good = take(&text, '{');

	while (good && !take(&text, '}')) {
		good = take_entry(&text, &header, tensor);
		take(&text, ',');
	}
	if (!good || !header.dtype || !header.shape || !header.order)
		return err_set(err, "npy: the header does not describe a plain array of at most %d axes", RECORD_TENSOR_RANK);
	if (header.fortran && tensor->rank > 1)
		return err_set(err, "npy: Fortran order is not supported; save with order='C'");
	return 0;
}

int npy_read(struct span file, struct field_tensor *tensor, struct span *data, struct err *err)
{
	struct span header;
	size_t bytes = 0;

	*tensor = (struct field_tensor){ 0 };
	if (split(file, &header, data, err) || read_header(header, tensor, err) || field_tensor_bytes(tensor, &bytes, err))
		return -1;
	if (data->size != bytes)
		return err_set(err, "npy: %zu bytes of data, but the shape requires %zu", data->size, bytes);
	return 0;
}

void npy_write_head(const struct field_tensor *tensor, struct buf *out)
{
	char text[512], side[24];
	int length = snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (", tensor->dtype);

	for (size_t i = 0; i < tensor->rank; i++) /* at most 8 sides of 20 digits */
		length += snprintf(text + length, sizeof text - (size_t)length, i ? ", %zu" : "%zu", tensor->shape[i]);
	length += snprintf(text + length, sizeof text - (size_t)length, tensor->rank == 1 ? ",), }" : "), }");
	/* NumPy reserves space for the first axis to grow, then pads to the alignment with at least one space. */
	size_t growth = tensor->rank ? GROWTH_DIGITS - (size_t)snprintf(side, sizeof side, "%zu", tensor->shape[0]) : 0;
	size_t used = MAGIC + 4 + (size_t)length + growth + 1;
	size_t spaces = growth + ALIGNMENT - used % ALIGNMENT;
	size_t header = (size_t)length + spaces + 1;
	const unsigned char start[4] = { 1, 0, (unsigned char)header, (unsigned char)(header >> 8) };

	buf_append(out, magic, MAGIC);
	buf_append(out, start, sizeof start);
	buf_append(out, text, (size_t)length);
	while (spaces--)
		buf_append_byte(out, ' ');
	buf_append_byte(out, '\n');
}
