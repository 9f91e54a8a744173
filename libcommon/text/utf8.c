#include "text/utf8.h"

#include <utf8proc.h>

int32_t utf8_take(struct span *text)
{
	utf8proc_int32_t codepoint = text->data[0];
	utf8proc_ssize_t size = 1;

	if (codepoint >= 0x80) {
		size = utf8proc_iterate(text->data, text->size < 4 ? (utf8proc_ssize_t)text->size : 4, &codepoint);
		if (size < 1) {
			codepoint = UTF8_INVALID + text->data[0];
			size = 1;
		}
	}
	*text = span_of(text->data + size, text->size - (size_t)size);
	return codepoint;
}

void utf8_append(struct buf *out, int32_t codepoint)
{
	unsigned char bytes[4];

	buf_append(out, bytes, (size_t)utf8proc_encode_char(codepoint, bytes));
}

size_t utf8_first_error(struct span text)
{
	struct span rest = text;

	while (rest.size) {
		size_t offset = text.size - rest.size;
		if (utf8_take(&rest) >= UTF8_INVALID)
			return offset;
	}
	return text.size;
}

bool utf8_is_word(int32_t codepoint)
{
	if (codepoint < 0x80)
		return (codepoint >= '0' && codepoint <= '9') || ((codepoint | 0x20) >= 'a' && (codepoint | 0x20) <= 'z');
	if (codepoint >= UTF8_INVALID)
		return false;
	utf8proc_category_t category = utf8proc_category(codepoint);
	return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO; /* L*, M*, N* */
}

bool utf8_is_space(int32_t codepoint)
{
	if (codepoint < 0x80)
		return codepoint == ' ' || (codepoint >= 0x09 && codepoint <= 0x0D) || (codepoint >= 0x1C && codepoint <= 0x1F);
	if (codepoint >= UTF8_INVALID)
		return false;
	return codepoint == 0x85 || codepoint == 0xA0 || codepoint == 0x1680 || (codepoint >= 0x2000 && codepoint <= 0x200A) ||
		codepoint == 0x2028 || codepoint == 0x2029 || codepoint == 0x202F || codepoint == 0x205F ||
		codepoint == 0x3000;
}

struct span utf8_trim(struct span text)
{
	struct span rest = text;
	size_t begin = text.size, end = text.size;

	while (rest.size) {
		size_t offset = text.size - rest.size;
		if (!utf8_is_space(utf8_take(&rest))) {
			begin = begin < offset ? begin : offset;
			end = text.size - rest.size;
		}
	}
	return span_of(text.data + begin, begin < end ? end - begin : 0);
}
