#include "tools/view/printable.h"

#include "text/utf8.h"

bool is_treacherous(int32_t codepoint)
{
	return codepoint < 0x20 || (codepoint >= 0x7f && codepoint < 0xa0) || codepoint == 0x61c ||
		(codepoint >= 0x200e && codepoint <= 0x200f) || (codepoint >= 0x2028 && codepoint <= 0x202e) ||
		(codepoint >= 0x2066 && codepoint <= 0x2069) || codepoint == 0xfeff;
}

/* How many bytes come before the next one that may begin such a character. */
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
		if (codepoint >= 0x7f && codepoint < UTF8_INVALID && is_treacherous(codepoint))
			buf_printf(out, "\\u%04x", (unsigned)codepoint);
		else
			buf_append(out, start, (size_t)(json.data - start));
	}
}

void append_printable(struct buf *out, struct span text)
{
	while (text.size) {
		const unsigned char *start = text.data;
		const int32_t codepoint = utf8_take(&text);
		if (codepoint >= UTF8_INVALID)
			buf_printf(out, "\\x%02x", *start);
		else if (is_treacherous(codepoint))
			buf_printf(out, "\\u%04x", (unsigned)codepoint);
		else
			buf_append(out, start, (size_t)(text.data - start));
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
