#include "formats/text/captions.h"

#include "core/rng.h"
#include "formats/stream/msgpack.h"
#include "text/normalise.h"
#include "text/utf8.h"

#include <string.h>

bool caption_is_blank(struct span text)
{
	while (text.size) {
		const int32_t codepoint = utf8_take(&text);
		if (!utf8_is_space(codepoint) && !text_is_control(codepoint))
			return false;
	}
	return true;
}

static uint64_t big_endian(const unsigned char *data, size_t size)
{
	uint64_t number = 0;

	for (size_t i = 0; i < size; i++)
		number = number << 8 | data[i];
	return number;
}

/* Reads the head of a msgpack array: the number of items.  False: not an array. */
static bool take_array(struct span *rest, uint64_t *count)
{
	const unsigned char first = rest->size ? *rest->data : 0;
	const size_t size = first == 0xdc ? 2 : first == 0xdd ? 4 : 0;

	if ((!size && (first & 0xf0) != 0x90) || rest->size < 1 + size)
		return false;
	*count = size ? big_endian(rest->data + 1, size) : first & 0x0f;
	*rest = span_of(rest->data + 1 + size, rest->size - 1 - size);
	return true;
}

static bool take_string(struct span *rest, struct span *text)
{
	struct msgpack_piece piece;

	if (msgpack_take(&piece, *rest) || piece.kind != MSGPACK_STRING)
		return false;
	*text = piece.content;
	*rest = span_of(rest->data + piece.raw.size, rest->size - piece.raw.size);
	return true;
}

static int add(struct captions *captions, struct span text, struct err *err)
{
	if (caption_is_blank(text))
		return 0;
	if (captions->count == CAPTIONS_MOST)
		return err_set(err, "txt: more than %d captions", CAPTIONS_MOST);
	captions->items[captions->count++] = text;
	return 0;
}

static int take_list(struct span rest, struct captions *captions, struct err *err)
{
	struct span text;
	uint64_t count;

	if (!take_array(&rest, &count))
		return err_set(err, "txt: must be a string or a list of strings");
	for (uint64_t i = 0; i < count; i++) {
		if (!take_string(&rest, &text))
			return err_set(err, "txt: item %llu of the list is not a string", (unsigned long long)i);
		if (add(captions, text, err))
			return -1;
	}
	return 0;
}

int record_captions(const struct record *record, struct captions *captions, struct err *err)
{
	const struct field *field = record_find(record, "txt");

	captions->count = 0;
	if (!field)
		return err_set(err, "txt: the record has no caption");
	if (field->kind == FIELD_BYTES)
		return utf8_check(field->bytes, err) ? err_add(err, "txt") : err_set(err, "txt: bytes, but a caption is a string");
	if (field->kind == FIELD_STRING ? add(captions, field->bytes, err)
					: take_list(field->kind == FIELD_OTHER ? field->raw : (struct span){ 0 }, captions, err))
		return -1;
	for (size_t i = 0; i < captions->count; i++)
		if (utf8_check(captions->items[i], err))
			return err_add(err, "txt");
	return captions->count ? 0 : err_set(err, "txt: the caption is empty");
}

int record_caption(const struct record *record, uint64_t seed, struct span *text, struct err *err)
{
	struct captions captions;

	if (record_captions(record, &captions, err))
		return -1;
	*text = captions.items[0];
	if (captions.count == 1)
		return 0;
	struct rng rng = rng_for(seed, record->key, record->epoch, "txt");
	*text = captions.items[rng_below(&rng, (uint32_t)captions.count)];
	return 0;
}

bool record_has_list(const struct record *record)
{
	const struct field *field = record_find(record, "txt");
	struct span rest = field && field->kind == FIELD_OTHER ? field->raw : (struct span){ 0 };
	uint64_t count;

	return take_array(&rest, &count);
}

int record_set_captions(struct record *record, const struct captions *captions, struct err *err)
{
	struct buf list = { 0 };
	msgpack_packer packer;

	if (captions->count == 1)
		return record_set_string(record, "txt", captions->items[0], err);
	packer_init(&packer, &list);
	msgpack_pack_array(&packer, captions->count);
	for (size_t i = 0; i < captions->count; i++)
		pack_string(&packer, captions->items[i]);
	int state = list.failed ? err_memory(err) : record_set_string(record, "txt", buf_span(&list), err);
	buf_free(&list);
	if (state)
		return -1;
	struct field *field = record_find(record, "txt");
	field->kind = FIELD_OTHER;
	field->raw = field->bytes;
	field->bytes = (struct span){ 0 };
	return 0;
}

int captions_from_lines(struct captions *captions, struct span text, struct err *err)
{
	captions->count = 0;
	while (text.size) {
		const unsigned char *end = memchr(text.data, '\n', text.size);
		const size_t size = end ? (size_t)(end - text.data) : text.size;
		if (add(captions, utf8_trim(span_of(text.data, size)), err))
			return -1;
		text = span_of(text.data + size + (end != NULL), text.size - size - (end != NULL));
	}
	return 0;
}

static void join_lines(struct buf *text, size_t begin)
{
	for (size_t i = begin; !text->failed && i < text->size; i++)
		if (text->data[i] == '\n' || text->data[i] == '\r')
			text->data[i] = ' ';
}

void caption_join_lines(struct buf *text)
{
	join_lines(text, 0);
}

/* Appends the text as one line. */
static void append_line(struct buf *lines, struct span text)
{
	if (lines->size)
		buf_append_byte(lines, '\n');
	const size_t begin = lines->size;
	buf_append_span(lines, utf8_trim(text));
	join_lines(lines, begin);
}

int captions_from_value(const struct value *value, struct buf *lines, size_t *count, struct err *err)
{
	*count = 0;
	if (value->kind == VALUE_NULL)
		return 0;
	if (value->kind == VALUE_STRING) {
		if (!caption_is_blank(value->string)) {
			buf_append_span(lines, value->string);
			*count = 1;
		}
		return lines->failed ? err_memory(err) : 0;
	}
	if (value->kind != VALUE_ARRAY)
		return err_set(err, "must be a string or a list of strings");
	for (size_t i = 0; i < value->list.count; i++) {
		const struct value *item = &value->list.items[i];
		if (item->kind != VALUE_STRING && item->kind != VALUE_NULL)
			return err_set(err, "item %zu of the captions is not a string", i);
		if (item->kind == VALUE_NULL || caption_is_blank(item->string))
			continue;
		append_line(lines, item->string);
		++*count;
	}
	return lines->failed ? err_memory(err) : 0;
}

bool captions_to_lines(struct span raw, struct buf *lines)
{
	const size_t begin = lines->size;
	struct span text;
	uint64_t count;

	if (!take_array(&raw, &count))
		return false;
	for (uint64_t i = 0; i < count; i++) {
		if (!take_string(&raw, &text)) {
			lines->size = begin;
			return false;
		}
		if (!caption_is_blank(text))
			append_line(lines, text);
	}
	return true;
}
