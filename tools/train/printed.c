#include "tools/train/printed.h"

#include "formats/stream/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = 16 << 20 }; /* bytes of its end that are looked at: 100,000 lines */

/* fd is open for writing alone. */
static int open_again(int fd)
{
	char path[40];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int read_end(int fd, off_t size, struct buf *text, struct err *err)
{
	off_t at = size > MOST ? size - MOST : 0;

	while (at < size) {
		unsigned char *end = buf_reserve(text, (size_t)(size - at));
		if (!end)
			return err_memory(err);
		ssize_t got = io_read_at(fd, end, (size_t)(size - at), at, err);
		if (got <= 0)
			return (int)got;
		text->size += (size_t)got;
		at += got;
	}
	return 0;
}

static int split(struct printed *printed, struct span text, struct err *err)
{
	while (text.size) {
		const unsigned char *newline = memchr(text.data, '\n', text.size);
		if (!newline)
			break;
		size_t size = (size_t)(newline - text.data) + 1;
		if (map_add(&printed->lines, span_of(text.data, size)) < 0)
			return err_memory(err);
		text = span_of(newline + 1, text.size - size);
	}
	buf_append_span(&printed->torn, text);
	return printed->torn.failed ? err_memory(err) : 0;
}

int printed_load(struct printed *printed, int fd, struct err *err)
{
	struct stat about;
	struct buf text = { 0 };

	*printed = (struct printed){ 0 };
	if (fstat(fd, &about) || !S_ISREG(about.st_mode) || about.st_size == 0)
		return 0;
	int again = open_again(fd);
	if (again < 0)
		return 0;
	int status = read_end(again, about.st_size, &text, err) || split(printed, buf_span(&text), err);
	close(again);
	buf_free(&text);
	return status ? err_add(err, "standard output") : 0;
}

void printed_free(struct printed *printed)
{
	map_free(&printed->lines);
	buf_free(&printed->torn);
}

struct span printed_rest(struct printed *printed, struct span line, struct buf *buffer)
{
	size_t torn = printed->torn.size;

	if (map_find(&printed->lines, line) >= 0)
		return span_of(line.data, 0);
	if (torn == 0)
		return line;
	buf_clear(&printed->torn);
	if (torn < line.size && memcmp(printed->torn.data, line.data, torn) == 0)
		return span_of(line.data + torn, line.size - torn);
	buf_clear(buffer);
	buf_append_byte(buffer, '\n');
	buf_append_span(buffer, line);
	return buf_span(buffer);
}
