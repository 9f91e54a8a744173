#include "tools/poison/attack_list.h"

#include "attack/attack.h"
#include "formats/text/json.h"
#include "tools/cli/number_list.h"

void attack_list_names(const char **names, size_t most)
{
	for (size_t i = 0; attacks[i] && i < most; i++)
		names[i] = attacks[i]->name;
}

void attack_list(struct buf *out)
{
	for (size_t i = 0; attacks[i]; i++) {
		number_list(out, attacks[i]->name, attacks[i]->about, attacks[i]->numbers);
		for (const struct attack_text *text = attacks[i]->texts; text->name; text++)
			buf_printf(out, "  %s=%s  (%s)  %s\n", text->name, text->file ? "FILE" : "TEXT", text->required ? "required" : "optional",
				text->about);
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
		struct value map = number_list_value(attacks[i]->name, attacks[i]->about, attacks[i]->numbers, &arena);
		if (attacks[i]->texts[0].name)
			value_set(&map, "texts", texts_value(attacks[i]->texts, &arena), &arena);
		value_push(&list, map, &arena);
	}
	int result = arena.failed ? err_memory(err) : json_write(&list, out, err);
	buf_append_byte(out, '\n');
	arena_free(&arena);
	return result;
}
