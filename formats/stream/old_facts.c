#include "formats/stream/old_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t count_of(const struct value *list)
{
	return list && list->kind == VALUE_ARRAY ? list->list.count : 0;
}

static bool is_by(const struct value *entry, const char *program)
{
	return span_is(value_string_or(value_get(entry, "name"), ""), program);
}

/* The last entry of a program; NULL: there is none. */
static const struct value *last_by(const struct value *prog, const char *program)
{
	for (size_t i = count_of(prog); i; i--)
		if (is_by(&prog->list.items[i - 1], program))
			return &prog->list.items[i - 1];
	return NULL;
}

/* Where an option is among the arguments of an entry; SIZE_MAX: it was not given. */
static size_t place_of_option(const struct value *entry, const char *option)
{
	const struct value *args = value_get(entry, "args");

	for (size_t i = 0; i + 1 < count_of(args); i++)
		if (span_is(value_string_or(&args->list.items[i], ""), option))
			return i;
	return SIZE_MAX;
}

static const struct value *argument_of(const struct value *entry, const char *option)
{
	const size_t place = place_of_option(entry, option);

	return place == SIZE_MAX ? NULL : &value_get(entry, "args")->list.items[place + 1];
}

static uint64_t number_of(const struct value *argument, uint64_t fallback)
{
	const struct span text = value_string_or(argument, "");
	char digits[24];

	if (text.size == 0 || text.size >= sizeof digits)
		return fallback;
	memcpy(digits, text.data, text.size);
	digits[text.size] = 0;
	return strtoull(digits, NULL, 10);
}

/* A copy of the entry without --split and its argument. */
static struct value without_split(const struct value *entry, struct arena *arena)
{
	const size_t place = place_of_option(entry, "--split");
	const struct value *args = value_get(entry, "args");
	struct value copy, rest = value_array();

	for (size_t i = 0; i < args->list.count; i++)
		if (i != place && i != place + 1)
			value_push(&rest, args->list.items[i], arena);
	if (value_copy(&copy, entry, arena) || value_set(&copy, "args", rest, arena))
		return value_map();
	return copy;
}

static bool parse_part(const struct value *argument, struct split *split)
{
	const struct span text = value_string_or(argument, "");
	unsigned long long part, of;
	char word[48], end;

	if (text.size >= sizeof word)
		return false;
	memcpy(word, text.data, text.size);
	word[text.size] = 0;
	if (word[0] < '0' || word[0] > '9' || sscanf(word, "%llu/%llu%c", &part, &of, &end) != 2 || part >= of)
		return false;
	split->part = part;
	split->of = of;
	return true;
}

/* Of the last program that read sources: what an earlier one read in parts was put together since, or some of it was. */
bool old_split(const struct value *prog, struct split *split, struct arena *arena)
{
	const struct value *last = last_by(prog, "cc-shard read"), *argument = argument_of(last, "--split");
	bool split_at_all = false;

	*split = (struct split){ 0 };
	for (size_t i = 0; i < count_of(prog); i++)
		split_at_all =
			split_at_all || (is_by(&prog->list.items[i], "cc-shard read") && argument_of(&prog->list.items[i], "--split"));
	if (!argument || !parse_part(argument, split))
		return split_at_all;
	split->limited = argument_of(last, "--skip") || argument_of(last, "--take");
	split->entry = (size_t)(last - prog->list.items);
	split->whole = without_split(last, arena);
	return true;
}

uint64_t old_poisoned(const struct value *prog)
{
	uint64_t rounds = 0;

	for (size_t i = 0; i < count_of(prog); i++)
		rounds += is_by(&prog->list.items[i], "cc-poison");
	return rounds;
}

enum { CC_AUGMENT_SIZE = 224 };

/* What an entry of cc-augment did to pixels that had `made` before; their size is 0 where none had been made yet. */
static void follow(struct pixels *made, const struct value *entry)
{
	const uint64_t size = number_of(argument_of(entry, "--size"), made->size ? made->size : CC_AUGMENT_SIZE);

	if (size == made->size)
		return; /* they were so large already, and stayed as they are */
	*made = (struct pixels){ .size = size,
		.resize = value_string_or(argument_of(entry, "--resize"), ""),
		.crop = value_string_or(argument_of(entry, "--crop"), ""),
		.fill = (unsigned char)number_of(argument_of(entry, "--fill"), 0) };
}

struct pixels old_pixels(const struct value *prog)
{
	struct pixels made = { 0 };

	for (size_t i = 0; i < count_of(prog); i++)
		if (is_by(&prog->list.items[i], "cc-augment"))
			follow(&made, &prog->list.items[i]);
	return made;
}

const struct value *old_pixels_options(const struct value *prog)
{
	return value_get(last_by(prog, "cc-augment"), "args");
}

const struct value *old_templates(const struct value *prog, bool *made)
{
	const struct value *entry = last_by(prog, "cc-embed"), *args = value_get(entry, "args");

	*made = args && args->kind == VALUE_ARRAY;
	return argument_of(entry, "--templates");
}
