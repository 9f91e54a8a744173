#include "formats/stream/io.h"

#include "text/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CHUNK = 1 << 20 }; /* bytes; limits what a wrong `expected` can allocate */

static bool is_temporary(int fd, short event)
{
	if (errno == EINTR)
		return true;
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		return false;
	poll(&(struct pollfd){ .fd = fd, .events = event }, 1, -1);
	return true;
}

ssize_t io_read(int fd, void *bytes, size_t size, struct err *err)
{
	ssize_t got;

	do
		got = read(fd, bytes, size);
	while (got < 0 && is_temporary(fd, POLLIN));
	return got < 0 ? err_errno(err, "read") : got;
}

ssize_t io_read_at(int fd, void *bytes, size_t size, off_t offset, struct err *err)
{
	ssize_t got;

	do
		got = pread(fd, bytes, size, offset);
	while (got < 0 && is_temporary(fd, POLLIN));
	return got < 0 ? err_errno(err, "read") : got;
}

int io_read_all(int fd, size_t expected, struct buf *content, size_t most, struct err *err)
{
	const size_t start = content->size;

	for (;;) {
		unsigned char *end = buf_reserve(content, expected < CHUNK ? expected + 1 : CHUNK);
		if (!end)
			return err_memory(err);
		ssize_t got = io_read(fd, end, content->capacity - content->size, err);
		if (got <= 0)
			return (int)got;
		content->size += (size_t)got;
		if (content->size - start > most)
			return err_set(err, "more than %zu bytes", most);
	}
}

int io_read_file(const char *path, size_t most, struct buf *content, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "%s", path);
	int result = io_read_all(fd, CHUNK, content, most, err);
	close(fd);
	return result ? err_add(err, "%s", path) : 0;
}

static struct span span_after(struct span span, size_t size)
{
	return span_of(span.data + size, span.size - size);
}

int io_write(int fd, struct span first, struct span second, struct err *err)
{
	while (first.size + second.size) {
		const struct iovec parts[2] = { { (void *)(uintptr_t)first.data, first.size },
			{ (void *)(uintptr_t)second.data, second.size } };
		ssize_t written = first.size ? writev(fd, parts, 2) : write(fd, second.data, second.size);
		if (written < 0 && is_temporary(fd, POLLOUT))
			continue;
		if (written < 0)
			return err_errno(err, "write");
		size_t of_first = (size_t)written < first.size ? (size_t)written : first.size;
		if (of_first)
			first = span_after(first, of_first);
		if ((size_t)written > of_first)
			second = span_after(second, (size_t)written - of_first);
	}
	return 0;
}

enum { LINES_CHUNK = 64 << 10 };

void line_reader_init(struct line_reader *reader, int fd, size_t longest)
{
	*reader = (struct line_reader){ .fd = fd, .longest = longest };
}

void line_reader_free(struct line_reader *reader)
{
	buf_free(&reader->buffer);
}

static struct span unread(const struct line_reader *reader)
{
	return span_of(reader->buffer.data + reader->position, reader->buffer.size - reader->position);
}

static const unsigned char *find_newline(const struct line_reader *reader)
{
	struct span rest = unread(reader);

	return rest.size > reader->searched ? memchr(rest.data + reader->searched, '\n', rest.size - reader->searched) : NULL;
}

bool line_needs_input(const struct line_reader *reader)
{
	return !find_newline(reader);
}

static int fill(struct line_reader *reader, struct err *err)
{
	struct span rest = unread(reader);

	reader->searched = rest.size;
	if (reader->position) {
		memmove(reader->buffer.data, rest.data, rest.size);
		reader->buffer.size = rest.size;
		reader->position = 0;
	}
	unsigned char *end = buf_reserve(&reader->buffer, LINES_CHUNK);
	if (!end)
		return err_memory(err);
	const ssize_t got = io_read(reader->fd, end, LINES_CHUNK, err);
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
		if (unread(reader).size > reader->longest)
			return err_set(err, "line %zu: longer than %zu bytes", reader->number + 1, reader->longest);
		if (fill(reader, err))
			return -1;
	}
	*line = unread(reader);
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
		*line = without_bom(*line);
	return 1;
}
