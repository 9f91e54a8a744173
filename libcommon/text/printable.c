#include "text/printable.h"
#include "text/utf8.h"

bool is_unsafe_to_print(int32_t codepoint)
{
	return codepoint < 0x20 || (codepoint >= 0x7f && codepoint < 0xa0) || codepoint == 0x61c ||
	       (codepoint >= 0x200e && codepoint <= 0x200f) || (codepoint >= 0x2028 && codepoint <= 0x202e) ||
	       (codepoint >= 0x2066 && codepoint <= 0x2069) || codepoint == 0xfeff;
}

static void append(struct buf *out, struct span text, bool lines)
{
	while (text.size) {
		const unsigned char *start = text.data;
		const int32_t codepoint = utf8_take(&text);
		if (codepoint >= UTF8_INVALID)
			buf_printf(out, "\\x%02x", *start);
		else if (is_unsafe_to_print(codepoint) && !(lines && (codepoint == '\n' || codepoint == '\t')))
			buf_printf(out, codepoint < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)codepoint);
		else
			buf_append(out, start, (size_t)(text.data - start));
	}
}

void append_printable(struct buf *out, struct span text)
{
	append(out, text, false);
}

void append_printable_lines(struct buf *out, struct span text)
{
	append(out, text, true);
}
