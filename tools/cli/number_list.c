#include "tools/cli/number_list.h"

static void list_number(struct buf *out, const struct number *number)
{
	struct buf range = { 0 };
	struct value fallback = number_value(number, number->fallback);

	number_range(&range, number);
	if (number->choices)
		buf_printf(out, "  %s=%s", number->name, number->choices[(size_t)number->fallback]);
	else
		buf_printf(out, "  %s=%g", number->name, value_real_or(&fallback, 0));
	buf_printf(out, "  (%s%s)  %s\n", number->whole ? "whole, " : "", buf_string(&range), number->about);
	buf_free(&range);
}

void number_list(struct buf *out, const char *name, const char *about, const struct number *numbers)
{
	buf_printf(out, "%s: %s\n", name, about);
	for (const struct number *number = numbers; number->name; number++)
		list_number(out, number);
}

static struct value number_to_value(const struct number *number, struct arena *arena)
{
	struct value map = value_map(), choices = value_array();

	value_set(&map, "name", value_string(number->name), arena);
	value_set(&map, "default", number_value(number, number->fallback), arena);
	for (size_t i = 0; number->choices && number->choices[i]; i++)
		value_push(&choices, value_string(number->choices[i]), arena);
	if (number->choices) {
		value_set(&map, "choices", choices, arena);
	} else {
		value_set(&map, "min", number_value(number, number->least), arena);
		value_set(&map, "max", number_value(number, number->most), arena);
		value_set(&map, "whole", value_bool(number->whole), arena);
	}
	value_set(&map, "about", value_string(number->about), arena);
	return map;
}

struct value number_list_value(
	const char *name, const char *about, const struct number *numbers, struct arena *arena)
{
	struct value map = value_map(), list = value_array();

	for (const struct number *number = numbers; number->name; number++)
		value_push(&list, number_to_value(number, arena), arena);
	value_set(&map, "name", value_string(name), arena);
	value_set(&map, "about", value_string(about), arena);
	value_set(&map, "numbers", list, arena);
	return map;
}
