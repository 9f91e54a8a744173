#include "tools/poison/attack_list.h"

#include "attack/attack.h"
#include "formats/json.h"

static void print_number(struct buf *out, const struct number *number)
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

void attack_list(struct buf *out)
{
	for (size_t i = 0; attacks[i]; i++) {
		buf_printf(out, "%s: %s\n", attacks[i]->name, attacks[i]->about);
		for (const struct number *number = attacks[i]->numbers; number->name; number++)
			print_number(out, number);
	}
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

static struct value attack_to_value(const struct attack *attack, struct arena *arena)
{
	struct value map = value_map(), numbers = value_array();

	for (const struct number *number = attack->numbers; number->name; number++)
		value_push(&numbers, number_to_value(number, arena), arena);
	value_set(&map, "name", value_string(attack->name), arena);
	value_set(&map, "about", value_string(attack->about), arena);
	value_set(&map, "numbers", numbers, arena);
	return map;
}

int attack_list_json(struct buf *out, struct err *err)
{
	struct arena arena = { 0 };
	struct value list = value_array();

	for (size_t i = 0; attacks[i]; i++)
		value_push(&list, attack_to_value(attacks[i], &arena), &arena);
	int result = arena.failed ? err_memory(err) : json_write(&list, out, err);
	buf_append_byte(out, '\n');
	arena_free(&arena);
	return result;
}
