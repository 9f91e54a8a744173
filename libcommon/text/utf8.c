#include "text/utf8.h"

#include <string.h>
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

/* windows-1252: no sequence of UTF-8 is in the text, and no byte that windows-1252 does not have. */
static bool looks_like_windows_1252(struct span text)
{
	while (text.size) {
		const unsigned char first = *text.data;
		const int32_t codepoint = utf8_take(&text);
		if ((codepoint >= 0x80 && codepoint < UTF8_INVALID) || (first && memchr("\x81\x8D\x8F\x90\x9D", first, 5)))
			return false;
	}
	return true;
}

static const char *advice_for(struct span text, size_t wrong)
{
	const unsigned char *data = text.data;

	if (text.size >= 2 && ((data[0] == 0xFF && data[1] == 0xFE) || (data[0] == 0xFE && data[1] == 0xFF)))
		return "; the text is UTF-16 (iconv -f UTF-16 -t UTF-8 converts it)";
	if (data[wrong] == 0xED && text.size - wrong >= 3 && data[wrong + 1] >= 0xA0 && data[wrong + 1] < 0xC0)
		return ": half of a surrogate pair (CESU-8)";
	if (looks_like_windows_1252(text))
		return "; the text looks like windows-1252 (iconv -f WINDOWS-1252 -t UTF-8 converts it)";
	if (data[wrong] >= 0xC2 && data[wrong] <= 0xF4 && text.size - wrong < 4) {
		size_t i = wrong + 1;
		while (i < text.size && (data[i] & 0xC0) == 0x80)
			i++;
		return i == text.size ? ": its last character is truncated" : "";
	}
	return "";
}

int utf8_check(struct span text, struct err *err)
{
	const size_t wrong = utf8_first_error(text);

	if (wrong == text.size)
		return 0;
	return err_set(err, "byte %zu is not UTF-8 (0x%02X)%s", wrong, text.data[wrong], advice_for(text, wrong));
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
