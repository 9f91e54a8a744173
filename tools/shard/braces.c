#include "tools/shard/braces.h"

#include "core/buf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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

/* The inside of a pair: "0000..0127". */
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

/* The first pair that is a range or a list. */
static const char *find_pair(const char *pattern, const char **close, struct range *range, bool *is_range)
{
	for (const char *open = strchr(pattern, '{'); open; open = strchr(open + 1, '{')) {
		*close = strpbrk(open + 1, "{}");
		if (!*close || **close == '{')
			continue;
		*is_range = range_parse(range, open, *close);
		if (*is_range || memchr(open, ',', (size_t)(*close - open)))
			return open;
	}
	return NULL;
}

static int expand(struct names *names, struct buf *prefix, const char *pattern, struct arena *arena, struct err *err);

static int expand_one(struct names *names, struct buf *prefix, struct span item, const char *rest, struct arena *arena,
	struct err *err)
{
	const size_t size = prefix->size;

	buf_append_span(prefix, item);
	int state = expand(names, prefix, rest, arena, err);
	prefix->size = size;
	return state;
}

static int expand_range(struct names *names, struct buf *prefix, struct range range, const char *rest, struct arena *arena,
	struct err *err)
{
	const int64_t step = range.first <= range.last ? 1 : -1;

	for (int64_t number = range.first;; number += step) {
		struct buf digits = { 0 };
		buf_printf(&digits, "%0*" PRId64, range.width, number);
		int state = expand_one(names, prefix, buf_span(&digits), rest, arena, err);
		buf_free(&digits);
		if (state || number == range.last)
			return state;
	}
}

static int expand_list(struct names *names, struct buf *prefix, const char *open, const char *close, struct arena *arena,
	struct err *err)
{
	for (const char *at = open + 1;; at++) {
		const char *comma = memchr(at, ',', (size_t)(close - at));
		const char *end = comma ? comma : close;
		if (expand_one(names, prefix, span_of(at, (size_t)(end - at)), close + 1, arena, err))
			return -1;
		if (!comma)
			return 0;
		at = end;
	}
}

static int expand(struct names *names, struct buf *prefix, const char *pattern, struct arena *arena, struct err *err)
{
	const char *close;
	struct range range;
	bool is_range;
	const char *open = find_pair(pattern, &close, &range, &is_range);
	const size_t size = prefix->size;

	buf_append(prefix, pattern, open ? (size_t)(open - pattern) : strlen(pattern));
	int state = 0;
	if (open)
		state = is_range ? expand_range(names, prefix, range, close + 1, arena, err)
				 : expand_list(names, prefix, open, close, arena, err);
	else if (names->count >= NAMES_MOST)
		state = err_set(err, "more than %d names", NAMES_MOST);
	else if (prefix->failed || names_add(names, (const char *)prefix->data, prefix->size, arena))
		state = err_memory(err);
	prefix->size = size;
	return state;
}

int braces_expand(struct names *names, const char *pattern, struct arena *arena, struct err *err)
{
	struct buf prefix = { 0 };
	int state = expand(names, &prefix, pattern, arena, err);

	buf_free(&prefix);
	return state;
}
