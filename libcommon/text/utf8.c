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

/* The text has no UTF-8 sequence, and no byte that windows-1252 does not define. */
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
	       codepoint == 0x2028 || codepoint == 0x2029 || codepoint == 0x202F || codepoint == 0x205F || codepoint == 0x3000;
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

enum { FIRST_MARK = 0x300, LONGEST_DECOMPOSITION = 16, CLASSES = 256, FEW = 24 };

static bool is_composed(struct span text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] >= 0xCC) /* U+0300 begins with it */
			return false;
	return true;
}

static utf8proc_propval_t class_of(int32_t codepoint)
{
	return codepoint < FIRST_MARK ? 0 : utf8proc_get_property(codepoint)->combining_class;
}

static void sort_few(int32_t *marks, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const int32_t mark = marks[i];
		size_t at = i;
		for (; at && class_of(marks[at - 1]) > class_of(mark); at--)
			marks[at] = marks[at - 1];
		marks[at] = mark;
	}
}

/* Sorts marks by class, stably.  scratch: [count]. */
static void sort_many(int32_t *marks, size_t count, int32_t *scratch)
{
	size_t places[CLASSES + 1] = { 0 };

	for (size_t i = 0; i < count; i++)
		places[class_of(marks[i]) + 1]++;
	for (size_t i = 0; i < CLASSES; i++)
		places[i + 1] += places[i];
	for (size_t i = 0; i < count; i++)
		scratch[places[class_of(marks[i])]++] = marks[i];
	memcpy(marks, scratch, count * sizeof *marks);
}

/* Canonical order: each run of marks sorted by combining class.  -1: out of memory. */
static int order_marks(int32_t *codepoints, size_t count)
{
	struct buf scratch = { 0 };
	int result = 0;

	for (size_t i = 0; i < count && result == 0;) {
		size_t end = i;
		while (end < count && class_of(codepoints[end]))
			end++;
		if (end - i <= FEW)
			sort_few(codepoints + i, end - i);
		else if (buf_reserve(&scratch, (end - i) * sizeof *codepoints))
			sort_many(codepoints + i, end - i, (int32_t *)(void *)scratch.data);
		else
			result = -1;
		i = end + (end == i);
	}
	buf_free(&scratch);
	return result;
}

/* Appends the code points of the text, each decomposed. */
static void decompose(struct buf *codepoints, struct span text)
{
	int32_t parts[LONGEST_DECOMPOSITION];
	int last_class = 0;

	while (text.size && !codepoints->failed) {
		const int32_t codepoint = utf8_take(&text);
		utf8proc_ssize_t count = codepoint < 0x80 || codepoint >= UTF8_INVALID
						 ? -1
						 : utf8proc_decompose_char(codepoint, parts, LONGEST_DECOMPOSITION,
							   UTF8PROC_DECOMPOSE | UTF8PROC_STABLE, &last_class);
		if (count > 0 && count <= LONGEST_DECOMPOSITION)
			buf_append(codepoints, parts, (size_t)count * sizeof *parts);
		else
			buf_append(codepoints, &codepoint, sizeof codepoint);
	}
}

int text_compose(struct buf *out, struct span text, struct err *err)
{
	struct buf buffer = { 0 };
	int result = -1;

	if (is_composed(text)) {
		buf_append_span(out, text);
		return out->failed ? err_memory(err) : 0;
	}
	decompose(&buffer, text);
	int32_t *codepoints = (int32_t *)(void *)buffer.data;
	const size_t decomposed = buffer.size / sizeof *codepoints;
	if (!buffer.failed && order_marks(codepoints, decomposed) == 0) {
		const utf8proc_ssize_t count =
			utf8proc_normalize_utf32(codepoints, (utf8proc_ssize_t)decomposed, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
		for (utf8proc_ssize_t i = 0; i < count; i++)
			utf8_append(out, codepoints[i]);
		result = count < 0 || out->failed ? -1 : 0;
	}
	buf_free(&buffer);
	return result ? err_memory(err) : 0;
}

struct span without_bom(struct span text)
{
	static const unsigned char mark[] = { 0xEF, 0xBB, 0xBF };

	if (text.size < sizeof mark || memcmp(text.data, mark, sizeof mark) != 0)
		return text;
	return span_of(text.data + sizeof mark, text.size - sizeof mark);
}

struct lines lines_of(struct span text)
{
	return (struct lines){ .rest = without_bom(text) };
}

int lines_next(struct lines *lines, struct span *line, struct err *err)
{
	struct span *rest = &lines->rest;

	if (rest->size == 0)
		return 0;
	const unsigned char *newline = memchr(rest->data, '\n', rest->size);
	*line = span_of(rest->data, newline ? (size_t)(newline - rest->data) : rest->size);
	const size_t used = line->size + (newline != NULL);
	*rest = span_of(rest->data + used, rest->size - used);
	lines->number++;
	if (memchr(line->data, 0, line->size))
		return err_set(err, "line %zu: contains a NUL byte; is this a UTF-8 text file?", lines->number);
	line->size -= line->size && line->data[line->size - 1] == '\r';
	return 1;
}
