#include "formats/text/json_printable.h"

#include "formats/text/json.h"
#include "text/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Number of plain ASCII bytes at the start. */
static size_t plain_bytes(struct span text)
{
	size_t i = 0;

	while (i < text.size && text.data[i] >= 0x20 && text.data[i] < 0x7f)
		i++;
	return i;
}

void append_printable_json(struct buf *out, struct span json)
{
	while (json.size) {
		const size_t plain = plain_bytes(json);
		buf_append(out, json.data, plain);
		json = span_of(json.data + plain, json.size - plain);
		if (!json.size)
			return;
		const unsigned char *start = json.data;
		const int32_t codepoint = utf8_take(&json);
		if (codepoint >= 0x7f && codepoint < UTF8_INVALID && is_unsafe_to_print(codepoint))
			buf_printf(out, "\\u%04x", (unsigned)codepoint);
		else
			buf_append(out, start, (size_t)(json.data - start));
	}
}

struct span as_utf8(struct span text, struct arena *arena)
{
	struct buf clean = { 0 };

	if (utf8_first_error(text) == text.size)
		return text;
	while (text.size) {
		const int32_t codepoint = utf8_take(&text);
		utf8_append(&clean, codepoint >= UTF8_INVALID ? 0xfffd : codepoint);
	}
	const char *copy = clean.failed ? NULL : arena_string(arena, clean.data, clean.size);
	struct span result = { (const unsigned char *)copy, copy ? clean.size : 0 };
	buf_free(&clean);
	return result;
}

static void append_real(struct buf *out, double real)
{
	char text[32];
	int digits = 15;

	do
		snprintf(text, sizeof text, "%.*g", digits, real);
	while (digits++ < 17 && strtod(text, NULL) != real);
	buf_append_string(out, text);
}

static int append_list(struct buf *out, const struct value *list, struct err *err)
{
	const bool map = list->kind == VALUE_MAP;

	buf_append_byte(out, map ? '{' : '[');
	for (size_t i = 0; i < list->list.count; i++) {
		const struct value *items = &list->list.items[map ? 2 * i : i];
		buf_append_string(out, i ? ", " : "");
		if (map && append_readable_json(out, items, err))
			return -1;
		buf_append_string(out, map ? ": " : "");
		if (append_readable_json(out, map ? items + 1 : items, err))
			return -1;
	}
	buf_append_byte(out, map ? '}' : ']');
	return 0;
}

int append_readable_json(struct buf *out, const struct value *value, struct err *err)
{
	struct buf json = { 0 };

	if (value->kind == VALUE_MAP || value->kind == VALUE_ARRAY)
		return append_list(out, value, err);
	if (value->kind == VALUE_REAL && isfinite(value->real)) {
		append_real(out, value->real);
		return 0;
	}
	int result = json_write(value, &json, err);
	append_printable_json(out, buf_span(&json));
	buf_free(&json);
	return result;
}
