#include "formats/source/source_list.h"

#include "formats/stream/line_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST = 64 << 10 };

static bool is_blank(unsigned char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

static struct span trim(struct span line)
{
	while (line.size && is_blank(line.data[line.size - 1]))
		line.size--;
	while (line.size && is_blank(*line.data))
		line = span_of(line.data + 1, line.size - 1);
	return line;
}

/* 1: it named something. */
static int take_line(struct span line, int (*take)(void *context, const char *line, struct err *err), void *context, struct err *err)
{
	line = trim(line);
	if (line.size == 0 || *line.data == '#')
		return 0;
	if (memchr(line.data, 0, line.size))
		return err_set(err, "a zero byte: @FILE is a text that names sources, one a line");
	char *text = span_copy_string(line);
	int state = text ? take(context, text, err) : err_memory(err);
	free(text);
	return state ? -1 : 1;
}

static int read_lines(int fd, int (*take)(void *context, const char *line, struct err *err), void *context, struct err *err)
{
	struct line_reader lines;
	struct span line;
	bool any = false;
	int state;

	line_reader_init(&lines, fd, LONGEST);
	while ((state = line_read(&lines, &line, err)) == 1) {
		int taken = take_line(line, take, context, err);
		any = any || taken > 0;
		if (taken < 0) {
			state = err_add(err, "line %zu", lines.number);
			break;
		}
	}
	line_reader_free(&lines);
	return state ? -1 : any ? 0 : err_set(err, "it names no source");
}

int source_list_read(const char *path, int (*take)(void *context, const char *line, struct err *err), void *context, struct err *err)
{
	const bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "@%s", path);
	int state = read_lines(fd, take, context, err);
	if (!standard)
		close(fd);
	return state ? err_add(err, "@%s", path) : 0;
}
