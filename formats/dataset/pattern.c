#include "formats/dataset/pattern.h"

#include <inttypes.h>
#include <string.h>

enum { WIDTH_MOST = 18 };

/* Behind a '%': "d" or "04d".  The end of it; NULL: something else. */
static const char *take_number(const char *at, int *width)
{
	bool zeros = *at == '0';

	for (*width = 0; *at >= '0' && *at <= '9' && *width <= WIDTH_MOST; at++)
		*width = *width * 10 + (*at - '0');
	return *at == 'd' && *width <= WIDTH_MOST && (zeros || *width == 0) ? at + 1 : NULL;
}

int pattern_parse(struct pattern *pattern, const char *text, struct err *err)
{
	*pattern = (struct pattern){ .before = span_string(text) };
	for (const char *at = text; (at = strchr(at, '%'));) {
		if (at[1] == '%') {
			at += 2;
			continue;
		}
		const char *end = pattern->numbered ? NULL : take_number(at + 1, &pattern->width);
		if (!end)
			return err_set(err, "'%s': one number is expected, as in part-%%04d.tar (and %%%% for a percent sign)", text);
		pattern->numbered = true;
		pattern->before = span_of(text, (size_t)(at - text));
		pattern->after = span_string(end);
		at = end;
	}
	return 0;
}

static void append_single(struct buf *name, struct span text)
{
	for (size_t i = 0; i < text.size; i++) {
		buf_append_byte(name, text.data[i]);
		i += text.data[i] == '%';
	}
}

void pattern_name(const struct pattern *pattern, uint64_t number, struct buf *name)
{
	append_single(name, pattern->before);
	if (pattern->numbered)
		buf_printf(name, "%0*" PRIu64, pattern->width, number);
	append_single(name, pattern->after);
	buf_string(name);
}
