#include "formats/sample/ledger.h"

#include "formats/text/json.h"

static struct value place_value(const struct image_part *place, struct arena *arena)
{
	struct value map = value_map();

	value_set(&map, "x", value_integer((int64_t)place->x), arena);
	value_set(&map, "y", value_integer((int64_t)place->y), arena);
	value_set(&map, "w", value_integer((int64_t)place->width), arena);
	value_set(&map, "h", value_integer((int64_t)place->height), arena);
	return map;
}

static struct value size_value(const struct ledger *ledger, struct arena *arena)
{
	struct value size = value_array();

	value_push(&size, value_integer((int64_t)ledger->width), arena);
	value_push(&size, value_integer((int64_t)ledger->height), arena);
	return size;
}

static struct value parameters_value(const struct ledger *ledger, struct arena *arena)
{
	const struct trigger *trigger = ledger->trigger;
	const struct number *numbers = trigger->attack->numbers;
	const struct attack_text *texts = trigger->attack->texts;
	struct value map = value_map();

	for (size_t i = 0; texts[i].name; i++)
		if (trigger->args.text[i])
			value_set(&map, texts[i].name, value_string(texts[i].file ? ledger->picture : trigger->args.text[i]), arena);
	for (size_t i = 0; numbers[i].name; i++)
		if (!numbers[i].optional || trigger->args.number[i] != numbers[i].fallback)
			value_set(&map, numbers[i].name, number_value(&numbers[i], trigger->args.number[i]), arena);
	return map;
}

static int fill(struct value *map, const struct ledger *ledger, const char *digest, const struct limits *limits, struct arena *arena,
	struct err *err)
{
	const struct value none = { .kind = VALUE_NULL };

	*map = value_map();
	value_set(map, "attack", value_string(ledger->trigger->attack->name), arena);
	value_set(map, "parameters", parameters_value(ledger, arena), arena);
	value_set(map, "seed", value_integer((int64_t)ledger->seed), arena);
	value_set(map, "target", ledger->target ? value_string(ledger->target) : none, arena);
	value_set(map, "caption", ledger->caption ? value_span(*ledger->caption) : none, arena);
	if (ledger->place) {
		value_set(map, "place", place_value(ledger->place, arena), arena);
		value_set(map, "size", size_value(ledger, arena), arena);
		value_set(map, "encode", value_string(ledger->encode), arena);
	}
	value_set(map, "digest", value_string(digest), arena);
	if (ledger->before) {
		struct value before;
		if (json_read(*ledger->before, limits, arena, &before, err))
			return err_add(err, "poison.json");
		value_set(map, "before", before, arena);
	}
	return arena->failed ? err_memory(err) : 0;
}

int ledger_write(const struct ledger *ledger, const struct limits *limits, struct buf *out, struct err *err)
{
	struct arena arena = { 0 };
	struct value map;
	char digest[33];
	int result = -1;

	digest_hex(ledger->original, digest);
	if (fill(&map, ledger, digest, limits, &arena, err) == 0)
		result = json_write(&map, out, err);
	arena_free(&arena);
	return result;
}

int ledger_original(struct span json, const struct limits *limits, struct digest *digest, struct arena *arena, struct err *err)
{
	struct value map;
	const struct value *first = &map, *before;

	if (json_read(json, limits, arena, &map, err))
		return err_add(err, "poison.json");
	while ((before = value_get(first, "before")))
		first = before;
	return digest_parse(digest, value_string_or(value_get(first, "digest"), ""))
		       ? err_set(err, "poison.json: the digest of the original is missing")
		       : 0;
}
