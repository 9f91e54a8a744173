#include "formats/dataset/json_record.h"

#include "core/record.h"
#include "formats/text/base64.h"
#include "formats/tar/field_file.h"
#include "formats/text/json.h"
#include "formats/stream/msgpack.h"
#include "text/utf8.h"

struct packing {
	msgpack_packer packer;
	struct buf *out;
	struct err *err;
	const struct limits *limits;
	struct arena *arena;
};

/* The text if the value is {"base64": TEXT}, else NULL. */
static const struct span *base64_of(const struct value *value)
{
	const bool one = value->kind == VALUE_MAP && value->list.count == 1;

	return one && span_is(value->list.items[0].string, "base64") && value->list.items[1].kind == VALUE_STRING
		       ? &value->list.items[1].string
		       : NULL;
}

static size_t decoded_size(struct span text)
{
	size_t padding = text.size >= 1 && text.data[text.size - 1] == '=';

	padding += padding && text.size >= 2 && text.data[text.size - 2] == '=';
	return text.size < 4 ? 0 : text.size / 4 * 3 - padding;
}

/* Decodes straight into the output, since the length is known in advance. */
static int pack_base64(struct packing *packing, struct span text, bool string)
{
	const size_t size = decoded_size(text);

	if (size > UINT32_MAX)
		return err_set(packing->err, "%zu bytes, more than a msgpack string can have", size);
	if (string)
		msgpack_pack_str(&packing->packer, size);
	else
		msgpack_pack_bin(&packing->packer, size);
	return base64_decode(packing->out, text, packing->err);
}

static int pack(struct packing *packing, const struct value *value);

/* A label is an integer, however it was written: 1, 1.0, "1". */
static int pack_label(struct packing *packing, const struct value *value)
{
	int64_t integer = value_integer_or(value, -1);
	const bool number = value->kind == VALUE_INTEGER || value->kind == VALUE_REAL;
	const int parsed = number                        ? (value_real_or(value, 0) == (double)integer ? 1 : -1)
			   : value->kind == VALUE_STRING ? label_parse(value->string, &integer)
							 : 0;

	if (parsed < 0)
		return number ? err_set(packing->err, "%g is not an integer", value_real_or(value, 0))
			      : err_set(packing->err, "'%.*s' is not an integer", span_shown(value->string, 64),
					(const char *)value->string.data);
	if (parsed == 0)
		return pack(packing, value);
	msgpack_pack_int64(&packing->packer, integer);
	return 0;
}

static int pack(struct packing *packing, const struct value *value)
{
	const struct span *text = base64_of(value);

	if (text)
		return pack_base64(packing, *text, false);
	if (value->kind == VALUE_ARRAY) {
		msgpack_pack_array(&packing->packer, value->list.count);
		for (size_t i = 0; i < value->list.count; i++)
			if (pack(packing, &value->list.items[i]))
				return -1;
		return 0;
	}
	if (value->kind != VALUE_MAP) {
		value_to_msgpack(value, packing->out);
		return 0;
	}
	msgpack_pack_map(&packing->packer, value->list.count);
	for (size_t i = 0; i < value->list.count; i++) {
		const struct span name = value->list.items[2 * i].string;
		pack_string(&packing->packer, name);
		if (pack(packing, &value->list.items[2 * i + 1]))
			return err_add(packing->err, "%.*s", span_shown(name, 100), (const char *)name.data);
	}
	return 0;
}

/* Is it what `cc-view` without --full writes for bytes and tensors?  {"bytes": n}, {"bytes": n, "type": ".."}, {"dtype", "shape", "bytes"} */
static bool is_summary(const struct value *value)
{
	const struct value *bytes = value->kind == VALUE_MAP ? value_get(value, "bytes") : NULL;

	if (!bytes || bytes->kind != VALUE_INTEGER)
		return false;
	return value->list.count == 1 || (value->list.count == 2 && value_get(value, "type")) ||
	       (value->list.count == 3 && value_get(value, "dtype") && value_get(value, "shape"));
}

#define JSON_FIELDS "__json__"

static bool is_json_name(struct span name)
{
	return name.size >= 4 && name_is(span_of(name.data + name.size - 4, 4), "json") &&
	       (name.size == 4 || name.data[name.size - 5] == '.');
}

static size_t items_of(const struct value *value)
{
	return value->kind == VALUE_MAP ? 2 * value->list.count : value->kind == VALUE_ARRAY ? value->list.count : 0;
}

/* Does it contain an integer that a program with only doubles (jq 1.6) would change? */
static bool has_large_integer(const struct value *value)
{
	if (value->kind == VALUE_INTEGER)
		return value->integer > INT64_C(1) << 53 || value->integer < -(INT64_C(1) << 53);
	for (size_t i = 0; i < items_of(value); i++)
		if (has_large_integer(&value->list.items[i]))
			return true;
	return false;
}

/* Equal, except for integers that a program with only doubles would change. */
static bool same_json(const struct value *a, const struct value *b)
{
	const bool numbers = (a->kind == VALUE_INTEGER || a->kind == VALUE_REAL) && (b->kind == VALUE_INTEGER || b->kind == VALUE_REAL);

	if (numbers)
		return value_real_or(a, 0) == value_real_or(b, 0);
	if (a->kind != b->kind || items_of(a) != items_of(b))
		return false;
	for (size_t i = 0; i < items_of(a); i++)
		if (!same_json(&a->list.items[i], &b->list.items[i]))
			return false;
	return items_of(a) ? true : value_equal(a, b);
}

/* *opened: the JSON value of the bytes; *text: the bytes themselves if json_write would not reproduce them, else null.
 * False: not JSON, or JSON that must stay bytes. */
static bool open_bytes(struct span bytes, const struct limits *limits, struct arena *arena, struct value *opened, struct value *text)
{
	struct buf canonical = { 0 };
	struct err ignored;

	if (json_read_line(bytes, limits, arena, opened, &ignored) || (opened->kind != VALUE_MAP && opened->kind != VALUE_ARRAY) ||
		base64_of(opened))
		return false;
	const bool written = json_write(opened, &canonical, &ignored) == 0 && !canonical.failed;
	*text = written && span_equal(buf_span(&canonical), bytes) && !has_large_integer(opened) ? (struct value){ .kind = VALUE_NULL }
												 : value_span(bytes);
	buf_free(&canonical);
	return written && utf8_first_error(bytes) == bytes.size;
}

int json_fields_open(struct value *record, const struct limits *limits, struct arena *arena, struct err *err)
{
	struct value listed = value_map(), opened, text;

	for (size_t i = 0; !value_get(record, JSON_FIELDS) && i < record->list.count; i++) {
		const struct span name = record->list.items[2 * i].string;
		struct value *value = &record->list.items[2 * i + 1];
		if (value->kind != VALUE_BYTES || !is_json_name(name) || !open_bytes(value->string, limits, arena, &opened, &text))
			continue;
		*value = opened;
		if (value_add(&listed, name, text, arena))
			return err_memory(err);
	}
	return listed.list.count && value_add(record, span_string(JSON_FIELDS), listed, arena) ? err_memory(err) : 0;
}

/* Packs the JSON of a field as bytes: the text that is listed for it if it has the same value, or else the value as json_write writes it. */
static int pack_json(struct packing *packing, const struct value *value, const struct value *text)
{
	struct buf written = { 0 };
	struct value listed;
	struct err ignored;
	const bool same = text->kind == VALUE_STRING && json_read(text->string, packing->limits, packing->arena, &listed, &ignored) == 0 &&
			  same_json(&listed, value);

	if (same) {
		pack_bytes(&packing->packer, text->string);
		return 0;
	}
	const int state = json_write(value, &written, packing->err);
	if (state == 0)
		pack_bytes(&packing->packer, buf_span(&written));
	buf_free(&written);
	return state;
}

/* The entry for a field in __json__, or NULL. */
static const struct value *listed_json(const struct value *record, struct span name)
{
	const struct value *listed = value_get(record, JSON_FIELDS);

	for (size_t i = 0; listed && listed->kind == VALUE_MAP && i < listed->list.count; i++)
		if (span_equal(listed->list.items[2 * i].string, name))
			return &listed->list.items[2 * i + 1];
	return NULL;
}

static int refuse_summaries(const struct value *record, struct err *err)
{
	for (size_t i = 0; value_get(record, "__key__") && i < record->list.count; i++) {
		const struct span name = record->list.items[2 * i].string;
		if (is_summary(&record->list.items[2 * i + 1]) && !listed_json(record, name))
			return err_set(err, "%.*s: only a summary, without the content; `cc-view --full` writes all of it",
				span_shown(name, 100), (const char *)name.data);
	}
	return 0;
}

/* Packs one entry of the line, which may be a record or another item. */
static int pack_entry(struct packing *packing, const struct value *record, struct span name, const struct value *value)
{
	const struct span *key = span_is(name, "__key__") ? base64_of(value) : NULL;
	const struct value *text = listed_json(record, name);

	pack_string(&packing->packer, name);
	if (key)
		return pack_base64(packing, *key, true);
	if (text && (value->kind == VALUE_MAP || value->kind == VALUE_ARRAY))
		return pack_json(packing, value, text);
	return name_is(name, "cls") ? pack_label(packing, value) : pack(packing, value);
}

static int pack_line(struct packing *packing, const struct value *record)
{
	const bool listed = value_get(record, JSON_FIELDS) != NULL;

	msgpack_pack_map(&packing->packer, record->list.count - listed);
	for (size_t i = 0; i < record->list.count; i++) {
		const struct span name = record->list.items[2 * i].string;
		if (!span_is(name, JSON_FIELDS) && pack_entry(packing, record, name, &record->list.items[2 * i + 1]))
			return err_add(packing->err, "%.*s", span_shown(name, 100), (const char *)name.data);
	}
	return 0;
}

size_t json_line_longest(const struct limits *limits)
{
	return limits->record <= (SIZE_MAX - 4096) / 2 ? 2 * limits->record + 4096 : SIZE_MAX;
}

int json_line_to_msgpack(struct span line, const struct limits *limits, struct arena *scratch, struct buf *out, struct err *err)
{
	/* In JSON, bytes are one level deeper and three values instead of one. */
	const struct limits wider = { .record = json_line_longest(limits),
		.depth = limits->depth + 1,
		.elements = limits->elements <= SIZE_MAX / 4 ? 4 * limits->elements : SIZE_MAX };
	struct packing packing = { .out = out, .err = err, .limits = &wider, .arena = scratch };
	struct value value;

	arena_reset(scratch);
	if (json_read_line(line, &wider, scratch, &value, err))
		return -1;
	if (value.kind != VALUE_MAP)
		return err_set(err, "expected a JSON object");
	packer_init(&packing.packer, out);
	if (refuse_summaries(&value, err) || pack_line(&packing, &value))
		return -1;
	return out->failed ? err_memory(err) : 0;
}
