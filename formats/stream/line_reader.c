#include "formats/stream/line_reader.h"

#include "core/lines.h"
#include "formats/stream/io.h"

#include <string.h>

enum { CHUNK = 64 << 10 };

void line_reader_init(struct line_reader *reader, int fd, size_t longest)
{
	*reader = (struct line_reader){ .fd = fd, .longest = longest };
}

void line_reader_free(struct line_reader *reader)
{
	buf_free(&reader->buffer);
}

static struct span left(const struct line_reader *reader)
{
	return span_of(reader->buffer.data + reader->position, reader->buffer.size - reader->position);
}

static const unsigned char *find_newline(const struct line_reader *reader)
{
	struct span rest = left(reader);

	return rest.size > reader->searched ? memchr(rest.data + reader->searched, '\n', rest.size - reader->searched) : NULL;
}

bool line_needs_input(const struct line_reader *reader)
{
	return !find_newline(reader);
}

static int fill(struct line_reader *reader, struct err *err)
{
	struct span rest = left(reader);

	reader->searched = rest.size;
	if (reader->position) {
		memmove(reader->buffer.data, rest.data, rest.size);
		reader->buffer.size = rest.size;
		reader->position = 0;
	}
	unsigned char *end = buf_reserve(&reader->buffer, CHUNK);
	if (!end)
		return err_memory(err);
	const ssize_t got = io_read(reader->fd, end, CHUNK, err);
	if (got < 0)
		return -1;
	reader->buffer.size += (size_t)got;
	reader->ended = got == 0;
	return 0;
}

int line_read(struct line_reader *reader, struct span *line, struct err *err)
{
	const unsigned char *newline;

	while (!(newline = find_newline(reader)) && !reader->ended) {
		if (left(reader).size > reader->longest)
			return err_set(err, "line %zu: longer than %zu bytes", reader->number + 1, reader->longest);
		if (fill(reader, err))
			return -1;
	}
	*line = left(reader);
	if (!newline && line->size == 0)
		return 0;
	line->size = newline ? (size_t)(newline - line->data) : line->size;
	reader->position += line->size + (newline != NULL);
	reader->searched = 0;
	reader->number++;
	if (line->size > reader->longest)
		return err_set(err, "line %zu: longer than %zu bytes", reader->number, reader->longest);
	if (line->size && line->data[line->size - 1] == '\r')
		line->size--;
	if (reader->number == 1)
		*line = without_mark(*line);
	return 1;
}
