#include "formats/sample/plugin_list.h"

#include "attack/attack.h"
#include "augment/augment.h"
#include "core/arena.h"
#include "core/number.h"
#include "formats/text/json.h"

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

/* "NAME: ABOUT" and a line for each number. */
static void list_plugin(struct buf *out, const char *name, const char *about, const struct number *numbers)
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

/* {"name", "about", "numbers"} */
static struct value plugin_value(const char *name, const char *about, const struct number *numbers, struct arena *arena)
{
	struct value map = value_map(), list = value_array();

	for (const struct number *number = numbers; number->name; number++)
		value_push(&list, number_to_value(number, arena), arena);
	value_set(&map, "name", value_string(name), arena);
	value_set(&map, "about", value_string(about), arena);
	value_set(&map, "numbers", list, arena);
	return map;
}

void attack_list_names(const char **names, size_t most)
{
	for (size_t i = 0; attacks[i] && i < most; i++)
		names[i] = attacks[i]->name;
}

void attack_list(struct buf *out)
{
	for (size_t i = 0; attacks[i]; i++) {
		list_plugin(out, attacks[i]->name, attacks[i]->about, attacks[i]->numbers);
		for (const struct attack_text *text = attacks[i]->texts; text->name; text++)
			buf_printf(out, "  %s=%s  (%s)  %s\n", text->name, text->file ? "FILE" : "TEXT",
				text->required ? "required" : "optional", text->about);
	}
}

static struct value texts_value(const struct attack_text *texts, struct arena *arena)
{
	struct value list = value_array();

	for (; texts->name; texts++) {
		struct value map = value_map();
		value_set(&map, "name", value_string(texts->name), arena);
		value_set(&map, "file", value_bool(texts->file), arena);
		value_set(&map, "required", value_bool(texts->required), arena);
		value_set(&map, "about", value_string(texts->about), arena);
		value_push(&list, map, arena);
	}
	return list;
}

int attack_list_json(struct buf *out, struct err *err)
{
	struct arena arena = { 0 };
	struct value list = value_array();

	for (size_t i = 0; attacks[i]; i++) {
		struct value map = plugin_value(attacks[i]->name, attacks[i]->about, attacks[i]->numbers, &arena);
		if (attacks[i]->texts[0].name)
			value_set(&map, "texts", texts_value(attacks[i]->texts, &arena), &arena);
		value_push(&list, map, &arena);
	}
	int result = arena.failed ? err_memory(err) : json_write(&list, out, err);
	buf_append_byte(out, '\n');
	arena_free(&arena);
	return result;
}

void policy_list_image_names(const char **names, size_t most)
{
	for (size_t i = 0; image_policies[i] && i < most; i++)
		names[i] = image_policies[i]->name;
}

void policy_list_text_names(const char **names, size_t most)
{
	for (size_t i = 0; text_policies[i] && i < most; i++)
		names[i] = text_policies[i]->name;
}

void policy_list(struct buf *out)
{
	buf_append_string(out, "Images (--image, --augment; several joined by +):\n\n");
	for (size_t i = 0; image_policies[i]; i++)
		list_plugin(out, image_policies[i]->name, image_policies[i]->about, image_policies[i]->numbers);
	buf_append_string(out, "\nTexts (--text):\n\n");
	for (size_t i = 0; text_policies[i]; i++)
		list_plugin(out, text_policies[i]->name, text_policies[i]->about, text_policies[i]->numbers);
}

int policy_list_json(struct buf *out, struct err *err)
{
	struct arena arena = { 0 };
	struct value map = value_map(), images = value_array(), texts = value_array();

	for (size_t i = 0; image_policies[i]; i++) {
		const struct image_policy *policy = image_policies[i];
		value_push(&images, plugin_value(policy->name, policy->about, policy->numbers, &arena), &arena);
	}
	for (size_t i = 0; text_policies[i]; i++) {
		const struct text_policy *policy = text_policies[i];
		value_push(&texts, plugin_value(policy->name, policy->about, policy->numbers, &arena), &arena);
	}
	value_set(&map, "image", images, &arena);
	value_set(&map, "text", texts, &arena);
	int result = arena.failed ? err_memory(err) : json_write(&map, out, err);
	buf_append_byte(out, '\n');
	arena_free(&arena);
	return result;
}
