#include "core/lines.h"

#include <string.h>

struct span without_mark(struct span text)
{
	static const unsigned char mark[] = { 0xEF, 0xBB, 0xBF };

	if (text.size < sizeof mark || memcmp(text.data, mark, sizeof mark) != 0)
		return text;
	return span_of(text.data + sizeof mark, text.size - sizeof mark);
}

struct lines lines_of(struct span text)
{
	return (struct lines){ .rest = without_mark(text) };
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
		return err_set(err, "line %zu: a zero byte; is it text in UTF-8?", lines->number);
	line->size -= line->size && line->data[line->size - 1] == '\r';
	return 1;
}
