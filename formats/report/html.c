#include "formats/report/html.h"

#include "formats/text/base64.h"
#include "formats/text/json_printable.h"

#include <stdio.h>
#include <string.h>

static const char *entity(unsigned char byte)
{
	switch (byte) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return NULL;
	}
}

void html_text(struct buf *out, struct span text)
{
	struct buf safe = { 0 };

	append_printable(&safe, text);
	for (size_t i = 0; i < safe.size; i++) {
		const char *name = entity(safe.data[i]);
		if (name)
			buf_append_string(out, name);
		else
			buf_append_byte(out, safe.data[i]);
	}
	out->failed |= safe.failed;
	buf_free(&safe);
}

void html_string(struct buf *out, const char *text)
{
	html_text(out, span_string(text));
}

void html_count(struct buf *out, unsigned long long count)
{
	char digits[32];
	const int length = snprintf(digits, sizeof digits, "%llu", count);

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			buf_append_byte(out, ',');
		buf_append_byte(out, (unsigned char)digits[i]);
	}
}

void html_data(struct buf *out, const char *type, struct span content)
{
	buf_printf(out, "data:%s;base64,", type);
	base64_encode(out, content);
}
