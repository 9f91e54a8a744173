#include "formats/source/source_names.h"

#include "core/buf.h"
#include "formats/stream/file_magic.h"
#include "formats/stream/io.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAMES_MOST = 1 << 20, DIGITS_MOST = 12 };

int names_add(struct names *names, const char *name, size_t size, struct arena *arena)
{
	if (names->count == names->capacity) {
		size_t capacity = names->capacity ? 2 * names->capacity : 16;
		char **items = arena_zeroed(arena, capacity, sizeof *items);
		if (!items)
			return -1;
		if (names->count)
			memcpy(items, names->items, names->count * sizeof *items);
		names->items = items;
		names->capacity = capacity;
	}
	char *copy = arena_string(arena, name, size);
	if (!copy)
		return -1;
	names->items[names->count++] = copy;
	return 0;
}

/* What a pair of braces contains: "0000..0127". */
struct range {
	int64_t first, last;
	int width;
};

static bool take_digits(const char **at, int64_t *number, int *width)
{
	char *end;
	size_t count = strspn(*at, "0123456789");

	if (count == 0 || count > DIGITS_MOST)
		return false;
	*number = strtoll(*at, &end, 10);
	if (**at == '0' && count > 1 && (int)count > *width)
		*width = (int)count;
	*at = end;
	return true;
}

static bool range_parse(struct range *range, const char *open, const char *close)
{
	const char *at = open + 1;

	range->width = 0;
	if (!take_digits(&at, &range->first, &range->width) || strncmp(at, "..", 2) != 0)
		return false;
	at += 2;
	return take_digits(&at, &range->last, &range->width) && at == close;
}

/* The closing brace of the pair that opens at `open`; *commas: whether it has commas outside inner pairs.  NULL: it is never closed. */
static const char *find_close(const char *open, bool *commas)
{
	size_t depth = 0;

	*commas = false;
	for (const char *at = open; *at; at++) {
		depth += *at == '{';
		*commas = *commas || (*at == ',' && depth == 1);
		if (*at == '}' && --depth == 0)
			return at;
	}
	return NULL;
}

/* The first pair that is a range or a list, or NULL. */
static const char *find_pair(const char *pattern, const char **close, struct range *range, bool *is_range)
{
	for (const char *open = strchr(pattern, '{'); open; open = strchr(open + 1, '{')) {
		bool commas;
		*close = find_close(open, &commas);
		*is_range = *close && range_parse(range, open, *close);
		if (*is_range || (*close && commas))
			return open;
	}
	return NULL;
}

enum { DEPTH_MOST = 32 };

struct expansion {
	struct names *names;
	struct arena *arena;
	struct buf prefix; /* the part that is already expanded */
	size_t depth;
};

static int expand(struct expansion *expansion, const char *pattern, struct err *err);

/* Replaces a pair by one of its items, which may contain pairs itself. */
static int expand_item(struct expansion *expansion, struct span item, const char *rest, struct err *err)
{
	const size_t size = expansion->prefix.size;
	struct buf pattern = { 0 };

	buf_append_span(&pattern, item);
	buf_append_string(&pattern, rest);
	int state = expand(expansion, buf_string(&pattern), err);
	if (pattern.failed)
		state = err_memory(err);
	buf_free(&pattern);
	expansion->prefix.size = size;
	return state;
}

static int expand_range(struct expansion *expansion, struct range range, const char *rest, struct err *err)
{
	const int64_t step = range.first <= range.last ? 1 : -1;

	for (int64_t number = range.first;; number += step) {
		char digits[32];
		int size = snprintf(digits, sizeof digits, "%0*" PRId64, range.width, number);
		if (expand_item(expansion, span_of(digits, (size_t)size), rest, err))
			return -1;
		if (number == range.last)
			return 0;
	}
}

static int expand_list(struct expansion *expansion, const char *open, const char *close, struct err *err)
{
	size_t depth = 0;
	const char *begin = open + 1;

	for (const char *at = begin; at <= close; at++) {
		if (at == close || (*at == ',' && depth == 0)) {
			if (expand_item(expansion, span_of(begin, (size_t)(at - begin)), close + 1, err))
				return -1;
			begin = at + 1;
		}
		depth += *at == '{';
		depth -= *at == '}' && at < close;
	}
	return 0;
}

static int expand(struct expansion *expansion, const char *pattern, struct err *err)
{
	const char *close;
	struct range range;
	bool is_range;
	const char *open = find_pair(pattern, &close, &range, &is_range);
	struct buf *prefix = &expansion->prefix;
	int state = 0;

	if (++expansion->depth > DEPTH_MOST)
		return err_set(err, "more than %d pairs of braces", DEPTH_MOST);
	buf_append(prefix, pattern, open ? (size_t)(open - pattern) : strlen(pattern));
	if (open)
		state = is_range ? expand_range(expansion, range, close + 1, err) : expand_list(expansion, open, close, err);
	else if (expansion->names->count >= NAMES_MOST)
		state = err_set(err, "expands to more than %d names", NAMES_MOST);
	else if (prefix->failed || names_add(expansion->names, (const char *)prefix->data, prefix->size, expansion->arena))
		state = err_memory(err);
	expansion->depth--;
	return state;
}

int braces_expand(struct names *names, const char *pattern, struct arena *arena, struct err *err)
{
	struct expansion expansion = { .names = names, .arena = arena };
	int state = expand(&expansion, pattern, err);

	buf_free(&expansion.prefix);
	return state;
}

enum { LINE_MOST = 64 << 10 };

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

/* 1: the line names a source; 0: it is empty or a comment. */
static int take_line(struct span line, int (*take)(void *context, const char *line, struct err *err), void *context, struct err *err)
{
	line = trim(line);
	if (line.size == 0 || *line.data == '#')
		return 0;
	if (memchr(line.data, 0, line.size))
		return err_set(err, "contains a NUL byte; @FILE must be text with one source per line");
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

	line_reader_init(&lines, fd, LINE_MOST);
	while ((state = line_read(&lines, &line, err)) == 1) {
		int taken = lines.number == 1 && file_magic_expect_list(line, "a list of sources", err)
				    ? -1
				    : take_line(line, take, context, err);
		any = any || taken > 0;
		if (taken < 0) {
			state = err_add(err, "line %zu", lines.number);
			break;
		}
	}
	line_reader_free(&lines);
	return state ? -1 : any ? 0 : err_set(err, "lists no sources");
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
