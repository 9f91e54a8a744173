#include "formats/training/state.h"

#include "formats/stream/facts.h"
#include "formats/text/json.h"

#include <stdio.h>
#include <stdlib.h>

enum { SHOWN = 60 };

/* The first bytes of a value as text, or "missing". */
struct shown {
	char text[SHOWN + 4];
};

static struct shown show(const struct value *value)
{
	struct shown shown = { "missing" };
	struct buf text = { 0 };
	struct err err;

	if (value && value->kind == VALUE_STRING)
		buf_append_span(&text, value->string);
	else if (value && json_write(value, &text, &err))
		buf_clear(&text);
	if (value && !text.failed)
		snprintf(shown.text, sizeof shown.text, "%.*s%s", text.size < SHOWN ? (int)text.size : SHOWN, buf_string(&text),
			text.size > SHOWN ? "..." : "");
	buf_free(&text);
	return shown;
}

static int compare(const struct value *was, const struct value *is, const char *name, struct err *err)
{
	if (value_equal(was, is))
		return 0;
	return err_set(err, "%s was %s, now it is %s", name, show(was).text, show(is).text);
}

static const struct value *item(const struct value *list, size_t i)
{
	return list && list->kind == VALUE_ARRAY && i < list->list.count ? &list->list.items[i] : NULL;
}

static bool is_option(const struct value *word)
{
	struct span text = value_string_or(word, "");

	return text.size > 2 && text.data[0] == '-' && text.data[1] == '-';
}

/* Options are recorded in the order of their table, so the first word that differs belongs to the option before it. */
static int compare_arguments(const struct value *was, const struct value *is, struct err *err)
{
	size_t i = 0;

	while (item(was, i) && value_equal(item(was, i), item(is, i)))
		i++;
	const struct value *old = item(was, i), *new = item(is, i);
	if (!old && !new)
		return 0;
	if (i && is_option(item(was, i - 1)) && !is_option(old) && !is_option(new))
		return compare(old, new, show(item(was, i - 1)).text, err);
	if (old && new)
		return err_set(err, "%s was given, now it is %s", show(old).text, show(new).text);
	return old ? err_set(err, "%s was given before, now it is not", show(old).text)
		   : err_set(err, "%s was not given before", show(new).text);
}

int difference_of_commands(const struct value *was, const struct value *is, struct err *err)
{
	static const char *const names[] = { "name", "version", "seed" };
	struct shown name = show(value_get(is, "name"));

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (compare(value_get(was, names[i]), value_get(is, names[i]), names[i], err))
			return err_add(err, "%s", name.text);
	if (compare_arguments(value_get(was, "args"), value_get(is, "args"), err))
		return err_add(err, "%s", name.text);
	return compare(was, is, name.text, err);
}

static bool has_entry(const struct value *map, struct span name)
{
	for (size_t i = 0; map->kind == VALUE_MAP && i < map->list.count; i++)
		if (span_equal(map->list.items[2 * i].string, name))
			return true;
	return false;
}

int difference_of_headers(const struct value *was, const struct value *is, struct err *err)
{
	const struct value *old = value_get(was, "prog"), *new = value_get(is, "prog");

	for (size_t i = 0; item(old, i) && item(new, i); i++)
		if (difference_of_commands(item(old, i), item(new, i), err))
			return err_add(err, "the stream");
	size_t facts = 0; /* fields that a header of a version before 0.2 lacks; prog determines them, and it is equal */
	for (size_t i = 0; i < is->list.count; i++) {
		struct span name = is->list.items[2 * i].string;
		if (fact_named(name) && !has_entry(was, name)) {
			facts++;
			continue;
		}
		char *text = span_copy_string(name);
		int status = !text ? err_memory(err) : compare(value_get(was, text), &is->list.items[2 * i + 1], text, err);
		free(text);
		if (status)
			return err_add(err, "the stream");
	}
	return was->list.count + facts == is->list.count
		       ? 0
		       : err_set(err, "the stream: its header had %zu entries, now it has %zu", was->list.count, is->list.count);
}
