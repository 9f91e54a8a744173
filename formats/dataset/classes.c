#include "formats/dataset/classes.h"

#include "text/utf8.h"
#include "formats/tar/member_name.h"

#include <stdlib.h>
#include <string.h>

static int unknown(const struct span *names, size_t count, struct span text, struct err *err)
{
	struct buf accepted = { 0 };

	for (size_t i = 0; i < count && accepted.size < ERR_TEXT / 2; i++)
		buf_printf(&accepted, "%s\"%.*s\"", i ? ", " : "", span_shown(names[i], 100), (const char *)names[i].data);
	err_set(err, "\"%.*s\" is not one of the classes; accepted: %s", span_shown(text, 200), (const char *)text.data,
		buf_string(&accepted));
	buf_free(&accepted);
	return -1;
}

static bool parse_number(struct span text, size_t count, size_t *number)
{
	size_t value = 0;

	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9' || value > count)
			return false;
		value = 10 * value + (size_t)(text.data[i] - '0');
	}
	*number = value;
	return text.size && value < count;
}

/* Are some class names numbers ("0", "1", "10", "2")?  Then a number is a name, not a class number. */
static bool any_number(const struct span *names, size_t count)
{
	size_t number;

	for (size_t i = 0; i < count; i++)
		if (parse_number(names[i], SIZE_MAX, &number))
			return true;
	return false;
}

int class_lookup(const struct span *names, size_t count, struct span text, size_t *number, struct err *err)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		if (!name_same(names[i], text))
			continue;
		if (found++)
			return err_set(err, "\"%.*s\" is the name of classes %zu and %zu; use the number", span_shown(text, 200),
				(const char *)text.data, *number, i);
		*number = i;
	}
	return found || (!any_number(names, count) && parse_number(text, count, number)) ? 0 : unknown(names, count, text, err);
}

static bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

static struct span trim(struct span text)
{
	while (text.size && is_blank(text.data[text.size - 1]))
		text.size--;
	while (text.size && is_blank(*text.data))
		text = span_of(text.data + 1, text.size - 1);
	return text;
}

/* "n01440764 tench, Tinca tinca" */
static void split(struct span line, struct span *folder, struct span *name)
{
	const unsigned char *tab = memchr(line.data, '\t', line.size), *blank = memchr(line.data, ' ', line.size);
	const unsigned char *end = tab ? tab : blank ? blank : line.data + line.size;

	*folder = trim(span_of(line.data, (size_t)(end - line.data)));
	*name = trim(span_of(end, line.size - (size_t)(end - line.data)));
	const unsigned char *comma = name->size ? memchr(name->data, ',', name->size) : NULL;
	if (comma)
		*name = trim(span_of(name->data, (size_t)(comma - name->data)));
}

static int add(struct class_names *names, struct span line, struct buf *scratch, struct err *err)
{
	struct span folder, name;

	split(line, &folder, &name);
	if (!folder.size || !name.size)
		return err_set(err, "expected a folder and its class name, such as 'n01440764 tench'");
	const int64_t before = (int64_t)names->folders.count, number = map_add(&names->folders, name_compose(folder, scratch));
	if (number < 0 || scratch->failed)
		return err_memory(err);
	if (number < before)
		return err_set(err, "duplicate folder '%.*s'", span_shown(folder, 200), (const char *)folder.data);
	names->names[number] = name;
	return 0;
}

int class_names_parse(struct class_names *names, struct span text, struct err *err)
{
	struct lines lines = lines_of(text);
	struct buf scratch = { 0 };
	struct span line;
	size_t most = 1;
	int state;

	for (size_t i = 0; i < text.size; i++)
		most += text.data[i] == '\n';
	*names = (struct class_names){ .names = calloc(most, sizeof *names->names) };
	if (!names->names)
		return err_memory(err);
	while ((state = lines_next(&lines, &line, err)) == 1) {
		line = trim(line);
		if (line.size && add(names, line, &scratch, err)) {
			state = err_add(err, "line %zu", lines.number);
			break;
		}
	}
	buf_free(&scratch);
	return state < 0 || names->folders.count ? state : err_set(err, "contains no class names");
}

bool class_names_find(const struct class_names *names, struct span folder, struct span *name)
{
	const int64_t number = map_find(&names->folders, folder);

	if (number == MAP_NONE)
		return false;
	*name = names->names[number];
	return true;
}

void class_names_free(struct class_names *names)
{
	map_free(&names->folders);
	free(names->names);
	*names = (struct class_names){ 0 };
}

/* Names are stored in NFC. */
int classes_add(struct classes *classes, struct span name, struct err *err)
{
	uint64_t number = classes->names.count;
	name = name_compose(name, &classes->scratch);
	if (classes->scratch.failed)
		return err_memory(err);
	int state = key_set_add(&classes->numbers, name, &number);

	if (state < 0 || (state == 0 && names_add(&classes->names, (const char *)name.data, name.size, &classes->arena)))
		return err_memory(err);
	return 0;
}

/* Adds a class, whether or not its name is already known. */
static int append(void *context, struct span name, struct err *err)
{
	struct classes *classes = context;
	const size_t number = classes->names.count;
	uint64_t first = number, second = number;

	name = name_compose(name, &classes->scratch);
	if (classes->scratch.failed)
		return err_memory(err);
	const int known = key_set_add(&classes->numbers, name, &first);
	if (known < 0 || (known && key_set_add(&classes->seconds, name, &second) < 0) ||
		names_add(&classes->names, (const char *)name.data, name.size, &classes->arena))
		return err_memory(err);
	return 0;
}

int classes_each_line(struct span text, int (*take)(void *context, struct span name, struct err *err), void *context, struct err *err)
{
	struct lines lines = lines_of(text);
	struct span line;
	bool any = false;
	int state;

	while ((state = lines_next(&lines, &line, err)) == 1) {
		while (line.size && line.data[line.size - 1] == ' ')
			line.size--;
		if (line.size && take(context, line, err))
			return err_add(err, "line %zu", lines.number);
		any = any || line.size;
	}
	return state < 0 || any ? state : err_set(err, "contains no class names");
}

int classes_parse(struct classes *classes, struct span text, struct err *err)
{
	return classes_each_line(text, append, classes, err);
}

int classes_from_value(struct classes *classes, const struct value *list, struct err *err)
{
	if (list->kind != VALUE_ARRAY)
		return err_set(err, "classes: expected an array");
	for (size_t i = 0; i < list->list.count; i++) {
		if (list->list.items[i].kind != VALUE_STRING)
			return err_set(err, "classes: expected an array of strings");
		if (append(classes, list->list.items[i].string, err))
			return -1;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int classes_sort(struct classes *classes, struct err *err)
{
	struct names names = classes->names;

	if (names.count)
		qsort(names.items, names.count, sizeof *names.items, compare);
	key_set_clear(&classes->numbers);
	for (size_t i = 0; i < names.count; i++) {
		uint64_t number = i;
		if (key_set_add(&classes->numbers, span_string(names.items[i]), &number) < 0)
			return err_memory(err);
	}
	return 0;
}

size_t classes_find(const struct classes *classes, struct span name, uint64_t number[2])
{
	struct buf scratch = { 0 };
	const struct span composed = name_compose(name, &scratch);
	const bool found = !scratch.failed && key_set_find(&classes->numbers, composed, &number[0]);
	const bool twice = found && key_set_find(&classes->seconds, composed, &number[1]);

	buf_free(&scratch);
	return (size_t)found + twice;
}

const char *classes_shown(const struct classes *classes, size_t number)
{
	return classes->shown.count ? classes->shown.items[number] : classes->names.items[number];
}

int classes_show(struct classes *classes, const struct class_names *names, struct err *err)
{
	struct span shown;

	for (size_t i = 0; i < classes->names.count; i++) {
		if (!class_names_find(names, span_string(classes->names.items[i]), &shown))
			return err_set(err, "has no name for class '%.*s'", span_shown(span_string(classes->names.items[i]), 256),
				classes->names.items[i]);
		if (names_add(&classes->shown, (const char *)shown.data, shown.size, &classes->arena))
			return err_memory(err);
	}
	return 0;
}

struct value classes_value(const struct classes *classes, struct arena *arena)
{
	struct value list = value_array();

	for (size_t i = 0; i < classes->names.count; i++)
		value_push(&list, value_string(classes_shown(classes, i)), arena);
	return list;
}

void classes_free(struct classes *classes)
{
	key_set_free(&classes->numbers);
	key_set_free(&classes->seconds);
	buf_free(&classes->scratch);
	arena_free(&classes->arena);
	*classes = (struct classes){ 0 };
}

struct span class_of_key(struct span key)
{
	size_t end = key.size;

	while (end && key.data[end - 1] != '/')
		end--;
	if (end == 0)
		return (struct span){ 0 };
	size_t begin = --end;
	while (begin && key.data[begin - 1] != '/')
		begin--;
	return span_of(key.data + begin, end - begin);
}
