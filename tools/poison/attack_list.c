#include "tools/poison/attack_list.h"

#include "attack/attack.h"
#include "formats/json.h"
#include "tools/common/number_list.h"

void attack_list_names(const char **names, size_t most)
{
	for (size_t i = 0; attacks[i] && i < most; i++)
		names[i] = attacks[i]->name;
}

void attack_list(struct buf *out)
{
	for (size_t i = 0; attacks[i]; i++)
		number_list(out, attacks[i]->name, attacks[i]->about, attacks[i]->numbers);
}

int attack_list_json(struct buf *out, struct err *err)
{
	struct arena arena = { 0 };
	struct value list = value_array();

	for (size_t i = 0; attacks[i]; i++)
		value_push(&list, number_list_value(attacks[i]->name, attacks[i]->about, attacks[i]->numbers, &arena), &arena);
	int result = arena.failed ? err_memory(err) : json_write(&list, out, err);
	buf_append_byte(out, '\n');
	arena_free(&arena);
	return result;
}
