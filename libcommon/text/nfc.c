#include "text/nfc.h"
#include "text/utf8.h"

#include <string.h>
#include <utf8proc.h>

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

/* Marks by class; those of one class keep their order.  room: as many again. */
static void sort_many(int32_t *marks, size_t count, int32_t *room)
{
	size_t places[CLASSES + 1] = { 0 };

	for (size_t i = 0; i < count; i++)
		places[class_of(marks[i]) + 1]++;
	for (size_t i = 0; i < CLASSES; i++)
		places[i + 1] += places[i];
	for (size_t i = 0; i < count; i++)
		room[places[class_of(marks[i])]++] = marks[i];
	memcpy(marks, room, count * sizeof *marks);
}

/* Canonical order: each run of marks sorted by combining class.  -1: no memory. */
static int order_marks(int32_t *codepoints, size_t count)
{
	struct buf room = { 0 };
	int result = 0;

	for (size_t i = 0; i < count && result == 0;) {
		size_t end = i;
		while (end < count && class_of(codepoints[end]))
			end++;
		if (end - i <= FEW)
			sort_few(codepoints + i, end - i);
		else if (buf_reserve(&room, (end - i) * sizeof *codepoints))
			sort_many(codepoints + i, end - i, (int32_t *)(void *)room.data);
		else
			result = -1;
		i = end + (end == i);
	}
	buf_free(&room);
	return result;
}

/* Appends the code points of the text, each decomposed. */
static void decompose(struct buf *codepoints, struct span text)
{
	int32_t parts[LONGEST_DECOMPOSITION];
	int last_class = 0;

	while (text.size && !codepoints->failed) {
		const int32_t codepoint = utf8_take(&text);
		utf8proc_ssize_t count = codepoint < 0x80 || codepoint >= UTF8_INVALID ? -1 :
			utf8proc_decompose_char(codepoint, parts, LONGEST_DECOMPOSITION, UTF8PROC_DECOMPOSE | UTF8PROC_STABLE, &last_class);
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
