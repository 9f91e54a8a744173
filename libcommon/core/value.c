#include "core/value.h"

#include <string.h>

struct value value_bool(bool boolean)
{
	return (struct value){ .kind = VALUE_BOOL, .boolean = boolean };
}

struct value value_integer(int64_t integer)
{
	return (struct value){ .kind = VALUE_INTEGER, .integer = integer };
}

struct value value_real(double real)
{
	return (struct value){ .kind = VALUE_REAL, .real = real };
}

struct value value_string(const char *string)
{
	return value_span(span_string(string));
}

struct value value_span(struct span string)
{
	return (struct value){ .kind = VALUE_STRING, .string = string };
}

struct value value_array(void)
{
	return (struct value){ .kind = VALUE_ARRAY };
}

struct value value_map(void)
{
	return (struct value){ .kind = VALUE_MAP };
}

/* Makes space for one or two items after the `used` ones.  Capacities are powers of two and follow from the count. */
static int grow(struct value *list, size_t used, struct arena *arena)
{
	bool full = used == 0 || (used >= 4 && (used & (used - 1)) == 0);

	if (!full)
		return 0;
	struct value *items = arena_zeroed(arena, used ? 2 * used : 4, sizeof *items);
	if (!items)
		return -1;
	if (used)
		memcpy(items, list->list.items, used * sizeof *items);
	list->list.items = items;
	return 0;
}

int value_push(struct value *array, struct value item, struct arena *arena)
{
	if (grow(array, array->list.count, arena))
		return -1;
	array->list.items[array->list.count++] = item;
	return 0;
}

static struct value *find(const struct value *map, const char *key)
{
	for (size_t i = 0; i < map->list.count; i++)
		if (map->list.items[2 * i].kind == VALUE_STRING && span_is(map->list.items[2 * i].string, key))
			return &map->list.items[2 * i + 1];
	return NULL;
}

int value_add(struct value *map, struct span key, struct value item, struct arena *arena)
{
	const size_t used = 2 * map->list.count;

	if (grow(map, used, arena))
		return -1;
	map->list.items[used] = value_span(key);
	map->list.items[used + 1] = item;
	map->list.count++;
	return 0;
}

int value_set(struct value *map, const char *key, struct value item, struct arena *arena)
{
	struct value *old = find(map, key);

	if (!old)
		return value_add(map, span_string(key), item, arena);
	*old = item;
	return 0;
}

void value_remove(struct value *map, const char *key)
{
	struct value *found = find(map, key);

	if (!found)
		return;
	map->list.count--;
	for (const struct value *end = map->list.items + 2 * map->list.count; found <= end; found++)
		found[-1] = found[1];
}

static int copy_list(struct value *to, const struct value *from, struct arena *arena)
{
	const size_t count = from->list.count * (from->kind == VALUE_MAP ? 2 : 1);
	size_t capacity = 4; /* as in grow() */

	while (capacity < count)
		capacity *= 2;
	to->list.items = count ? arena_zeroed(arena, capacity, sizeof *to->list.items) : NULL;
	if (count && !to->list.items)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (value_copy(&to->list.items[i], &from->list.items[i], arena))
			return -1;
	return 0;
}

int value_copy(struct value *to, const struct value *from, struct arena *arena)
{
	*to = *from;
	if (from->kind == VALUE_ARRAY || from->kind == VALUE_MAP)
		return copy_list(to, from, arena);
	if (from->kind != VALUE_STRING && from->kind != VALUE_BYTES)
		return 0;
	to->string.data = (const unsigned char *)arena_string(arena, from->string.data, from->string.size);
	return to->string.data ? 0 : -1;
}

static bool is_number(const struct value *value)
{
	return value->kind == VALUE_INTEGER || value->kind == VALUE_REAL;
}

static bool same_numbers(const struct value *a, const struct value *b)
{
	if (a->kind == VALUE_INTEGER && b->kind == VALUE_INTEGER)
		return a->integer == b->integer;
	return value_real_or(a, 0) == value_real_or(b, 0);
}

static bool same_lists(const struct value *a, const struct value *b)
{
	const size_t count = a->kind == VALUE_MAP ? 2 * a->list.count : a->list.count;

	if (a->list.count != b->list.count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!value_equal(&a->list.items[i], &b->list.items[i]))
			return false;
	return true;
}

bool value_equal(const struct value *a, const struct value *b)
{
	if (!a || !b)
		return a == b;
	if (is_number(a) && is_number(b))
		return same_numbers(a, b);
	if (a->kind != b->kind)
		return false;
	if (a->kind == VALUE_ARRAY || a->kind == VALUE_MAP)
		return same_lists(a, b);
	if (a->kind == VALUE_STRING || a->kind == VALUE_BYTES)
		return span_equal(a->string, b->string);
	return a->kind == VALUE_NULL || a->boolean == b->boolean;
}

const struct value *value_get(const struct value *map, const char *key)
{
	return map && map->kind == VALUE_MAP ? find(map, key) : NULL;
}

static const struct value *get_part(const struct value *value, struct span part)
{
	size_t number = 0;

	if (!value || part.size == 0)
		return NULL;
	for (size_t i = 0; value->kind == VALUE_MAP && i < value->list.count; i++)
		if (span_equal(value->list.items[2 * i].string, part))
			return &value->list.items[2 * i + 1];
	if (value->kind != VALUE_ARRAY || part.size > 9)
		return NULL;
	for (size_t i = 0; i < part.size; i++) {
		if (part.data[i] < '0' || part.data[i] > '9')
			return NULL;
		number = 10 * number + (size_t)(part.data[i] - '0');
	}
	return number < value->list.count ? &value->list.items[number] : NULL;
}

const struct value *value_path(const struct value *value, const char *path)
{
	const struct value *whole = value_get(value, path);

	while (!whole && value) {
		const char *dot = strchr(path, '.');
		value = get_part(value, span_of(path, dot ? (size_t)(dot - path) : strlen(path)));
		if (!dot)
			return value;
		path = dot + 1;
	}
	return whole;
}

double value_real_or(const struct value *value, double fallback)
{
	if (value && value->kind == VALUE_REAL)
		return value->real;
	return value && value->kind == VALUE_INTEGER ? (double)value->integer : fallback;
}

int64_t value_integer_or(const struct value *value, int64_t fallback)
{
	if (value && value->kind == VALUE_INTEGER)
		return value->integer;
	if (value && value->kind == VALUE_REAL && value->real >= -0x1p53 && value->real <= 0x1p53 &&
		(double)(int64_t)value->real == value->real)
		return (int64_t)value->real;
	return fallback;
}

bool value_bool_or(const struct value *value, bool fallback)
{
	return value && value->kind == VALUE_BOOL ? value->boolean : fallback;
}

struct span value_string_or(const struct value *value, const char *fallback)
{
	return value && value->kind == VALUE_STRING ? value->string : span_string(fallback);
}
