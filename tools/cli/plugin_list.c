#include "tools/cli/plugin_list.h"

#include "attack/attack.h"
#include "augment/augment.h"
#include "core/arena.h"
#include "core/number.h"
#include "formats/text/json.h"
#include "tools/cli/print.h"

#include <string.h>

/* "  alpha=0.2  0..1  share of noise" */
static const struct text_table_column columns[] = { { .width = 14 }, { .width = 17 }, { 0 } };

static void list_number(struct text_table *table, const struct number *number)
{
	struct buf range = { 0 };
	struct value fallback = number_value(number, number->fallback);

	number_range(&range, number);
	if (number->choices) {
		text_table_format(table, "  %s=%s", number->name, number->choices[(size_t)number->fallback]);
		text_table_row(table, "");
		text_table_format(table, "%s: %s", number->about, buf_string(&range));
	} else {
		text_table_format(table, "  %s=%g", number->name, value_real_or(&fallback, 0));
		text_table_format(table, "%s%s", number->whole ? "integer " : "", buf_string(&range));
		text_table_format(table, "%s", number->about);
	}
	buf_free(&range);
}

/* "NAME: ABOUT" and a row for each parameter. */
static void list_plugin(struct buf *out, const char *name, const char *about, const struct number *numbers, const struct attack_text *texts)
{
	struct text_table table;

	buf_printf(out, "%s: %s\n", name, about);
	text_table_init(&table, columns, 3);
	for (const struct number *number = numbers; number->name; number++)
		list_number(&table, number);
	for (const struct attack_text *text = texts; text && text->name; text++) {
		text_table_format(&table, "  %s=%s", text->name, text->file ? "FILE" : "TEXT");
		text_table_format(&table, "%s", text->required ? "required" : "optional");
		text_table_format(&table, "%s", text->about);
	}
	text_table_print(&table, out);
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

void attack_list(struct buf *out)
{
	for (size_t i = 0; attacks[i]; i++)
		list_plugin(out, attacks[i]->name, attacks[i]->about, attacks[i]->numbers, attacks[i]->texts);
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

void policy_list(struct buf *out)
{
	buf_append_string(out, "Image policies (--image, --augment; join several with +):\n\n");
	for (size_t i = 0; image_policies[i]; i++)
		list_plugin(out, image_policies[i]->name, image_policies[i]->about, image_policies[i]->numbers, NULL);
	buf_append_string(out, "\nText policies (--text):\n\n");
	for (size_t i = 0; text_policies[i]; i++)
		list_plugin(out, text_policies[i]->name, text_policies[i]->about, text_policies[i]->numbers, NULL);
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

/* One candidate: what precedes the part at the cursor, and the part. */
static void complete_part(const struct completion *completion, const char *part, const char *name, const char *end)
{
	struct buf candidate = { 0 };

	buf_append(&candidate, completion->word, (size_t)(part - completion->word));
	buf_printf(&candidate, "%s%s", name, end);
	if (!candidate.failed)
		complete_candidate(completion, buf_string(&candidate));
	buf_free(&candidate);
}

/* plugin: start of "NAME:..." in the word; the part after the last comma (or the colon) is completed. */
static void complete_parameters(
	const struct completion *completion, const char *plugin, const struct number *numbers, const struct attack_text *texts)
{
	const char *comma = strrchr(plugin, ','), *part = (comma ? comma : strchr(plugin, ':')) + 1, *equals = strchr(part, '=');
	const size_t size = equals ? (size_t)(equals - part) : 0;

	for (const struct number *number = numbers; number->name; number++) {
		const bool named = equals && strlen(number->name) == size && memcmp(number->name, part, size) == 0;
		if (!equals)
			complete_part(completion, part, number->name, "=");
		for (size_t i = 0; named && number->choices && number->choices[i]; i++)
			complete_part(completion, equals + 1, number->choices[i], "");
	}
	for (const struct attack_text *text = texts; !equals && text && text->name; text++)
		complete_part(completion, part, text->name, "=");
}

/* Whether the plugin's name is complete: "blended:" */
static bool has_name(const char *plugin, const char *name)
{
	const size_t size = strlen(name);

	return strncmp(plugin, name, size) == 0 && plugin[size] == ':';
}

void attack_complete(const struct completion *completion)
{
	for (size_t i = 0; attacks[i]; i++)
		if (has_name(completion->word, attacks[i]->name))
			complete_parameters(completion, completion->word, attacks[i]->numbers, attacks[i]->texts);
		else
			complete_candidate(completion, attacks[i]->name);
}

void image_policy_complete(const struct completion *completion)
{
	const char *plus = strrchr(completion->word, '+'), *policy = plus ? plus + 1 : completion->word;

	for (size_t i = 0; image_policies[i]; i++)
		if (has_name(policy, image_policies[i]->name))
			complete_parameters(completion, policy, image_policies[i]->numbers, NULL);
		else
			complete_part(completion, policy, image_policies[i]->name, "");
}

void text_policy_complete(const struct completion *completion)
{
	for (size_t i = 0; text_policies[i]; i++)
		if (has_name(completion->word, text_policies[i]->name))
			complete_parameters(completion, completion->word, text_policies[i]->numbers, NULL);
		else
			complete_candidate(completion, text_policies[i]->name);
}
