#include "formats/stream/facts.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Files of version 0.1: the facts from the arguments in prog.  prog may be NULL or any value, because it comes from a file. */

static size_t length_of(const struct value *list)
{
	return list && list->kind == VALUE_ARRAY ? list->list.count : 0;
}

static bool is_by(const struct value *entry, const char *program)
{
	return span_is(value_string_or(value_get(entry, "name"), ""), program);
}

/* The last entry of a program, or NULL. */
static const struct value *last_by(const struct value *prog, const char *program)
{
	for (size_t i = length_of(prog); i; i--)
		if (is_by(&prog->list.items[i - 1], program))
			return &prog->list.items[i - 1];
	return NULL;
}

/* Index of an option among the arguments of an entry; SIZE_MAX if it was not given. */
static size_t option_index(const struct value *entry, const char *option)
{
	const struct value *args = value_get(entry, "args");

	for (size_t i = 0; i + 1 < length_of(args); i++)
		if (span_is(value_string_or(&args->list.items[i], ""), option))
			return i;
	return SIZE_MAX;
}

static const struct value *argument_of(const struct value *entry, const char *option)
{
	const size_t index = option_index(entry, option);

	return index == SIZE_MAX ? NULL : &value_get(entry, "args")->list.items[index + 1];
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
	const size_t index = option_index(entry, "--split");
	const struct value *args = value_get(entry, "args");
	struct value copy, rest = value_array();

	for (size_t i = 0; i < args->list.count; i++)
		if (i != index && i != index + 1)
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

/* The part is known only if the last cc-shard read was given --split: parts that an earlier one read have been joined since. */
static bool old_split(const struct value *prog, struct split *split, struct arena *arena)
{
	const struct value *last = last_by(prog, "cc-shard read"), *argument = argument_of(last, "--split");
	bool any = false;

	*split = (struct split){ 0 };
	for (size_t i = 0; i < length_of(prog); i++)
		any = any || (is_by(&prog->list.items[i], "cc-shard read") && argument_of(&prog->list.items[i], "--split"));
	if (!argument || !parse_part(argument, split))
		return any;
	split->limited = argument_of(last, "--skip") || argument_of(last, "--take");
	split->entry = (size_t)(last - prog->list.items);
	split->whole = without_split(last, arena);
	return true;
}

static uint64_t old_poisoned(const struct value *prog)
{
	uint64_t rounds = 0;

	for (size_t i = 0; i < length_of(prog); i++)
		rounds += is_by(&prog->list.items[i], "cc-poison");
	return rounds;
}

enum { CC_AUGMENT_SIZE = 224 };

/* Applies an entry of cc-augment to pixels that were `made` before it; made->size is 0 before the first. */
static void apply_augment(struct pixels *made, const struct value *entry)
{
	const uint64_t size = number_of(argument_of(entry, "--size"), made->size ? made->size : CC_AUGMENT_SIZE);

	if (size == made->size)
		return; /* images of that size are not resized */
	*made = (struct pixels){ .size = size,
		.resize = value_string_or(argument_of(entry, "--resize"), ""),
		.crop = value_string_or(argument_of(entry, "--crop"), ""),
		.fill = (unsigned char)number_of(argument_of(entry, "--fill"), 0) };
}

static struct pixels old_pixels(const struct value *prog)
{
	struct pixels made = { 0 };

	for (size_t i = 0; i < length_of(prog); i++)
		if (is_by(&prog->list.items[i], "cc-augment"))
			apply_augment(&made, &prog->list.items[i]);
	return made;
}

static const struct value *old_pixels_options(const struct value *prog)
{
	return value_get(last_by(prog, "cc-augment"), "args");
}

enum { PARTS_MOST = 1 << 24, SIDE_MOST = 1 << 16 }; /* the programs write no larger numbers */

static const char *const names[] = { "split", "poisoned", "pixels" };

static uint64_t count_of(const struct value *map, const char *name)
{
	const int64_t count = value_integer_or(value_get(map, name), 0);

	return count < 0 ? 0 : (uint64_t)count;
}

/* An incomplete split, or one that does not fit prog, counts as part 0 of 0. */
static void read_split(const struct value *fact, const struct value *prog, struct split *split)
{
	const struct value *whole = value_get(fact, "whole");
	const uint64_t of = count_of(fact, "of"), entry = count_of(fact, "entry");
	const int64_t part = value_integer_or(value_get(fact, "part"), -1);

	*split = (struct split){ 0 };
	if (part < 0 || of == 0 || of > PARTS_MOST || (uint64_t)part >= of || !whole || !prog || prog->kind != VALUE_ARRAY ||
		entry >= prog->list.count)
		return;
	*split = (struct split){ .part = (uint64_t)part,
		.of = of,
		.limited = value_bool_or(value_get(fact, "limited"), false),
		.entry = (size_t)entry,
		.whole = *whole };
}

bool fact_split(const struct value *header, struct split *split, struct arena *arena)
{
	const struct value *fact = value_get(header, "split"), *prog = value_get(header, "prog");

	if (fact) {
		read_split(fact, prog, split);
		return true;
	}
	const bool is_split = old_split(prog, split, arena);
	if (split->of > PARTS_MOST)
		*split = (struct split){ 0 };
	return is_split;
}

int fact_set_split(struct value *header, const struct split *split, struct arena *arena)
{
	struct value fact = value_map();

	value_set(&fact, "part", value_integer((int64_t)split->part), arena);
	value_set(&fact, "of", value_integer((int64_t)split->of), arena);
	if (split->limited)
		value_set(&fact, "limited", value_bool(true), arena);
	value_set(&fact, "entry", value_integer((int64_t)split->entry), arena);
	value_set(&fact, "whole", split->whole, arena);
	value_set(header, "split", fact, arena);
	return arena->failed ? -1 : 0;
}

int fact_split_ends(struct value *header, struct arena *arena)
{
	struct value fact = value_map();
	struct split split;

	if (!fact_split(header, &split, arena))
		return arena->failed ? -1 : 0;
	const uint64_t of = split.of ? split.of : count_of(value_get(header, "split"), "of");
	if (of)
		value_set(&fact, "of", value_integer((int64_t)of), arena);
	value_set(header, "split", fact, arena);
	return arena->failed ? -1 : 0;
}

void fact_split_remove(struct value *header, const struct split *split)
{
	const struct value *prog = value_get(header, "prog");

	if (prog && prog->kind == VALUE_ARRAY && split->entry < prog->list.count)
		prog->list.items[split->entry] = split->whole;
	value_remove(header, "split");
}

uint64_t fact_poisoned(const struct value *header)
{
	return value_get(header, "poisoned") ? count_of(header, "poisoned") : old_poisoned(value_get(header, "prog"));
}

int fact_set_poisoned(struct value *header, uint64_t rounds, struct arena *arena)
{
	return value_set(header, "poisoned", value_integer((int64_t)rounds), arena);
}

struct pixels fact_pixels(const struct value *header)
{
	const struct value *fact = value_get(header, "pixels");
	const uint64_t size = count_of(fact, "size"), fill = count_of(fact, "fill");

	if (!fact)
		return old_pixels(value_get(header, "prog"));
	return (struct pixels){ .size = size <= SIDE_MOST ? size : 0,
		.resize = value_string_or(value_get(fact, "resize"), ""),
		.crop = value_string_or(value_get(fact, "crop"), ""),
		.fill = (unsigned char)(fill <= UCHAR_MAX ? fill : 0) };
}

const struct value *fact_pixels_options(const struct value *header)
{
	const struct value *fact = value_get(header, "pixels");
	const struct value *options = fact ? value_get(fact, "options") : old_pixels_options(value_get(header, "prog"));

	return options && options->kind == VALUE_ARRAY ? options : NULL;
}

int fact_set_pixels(struct value *header, const struct pixels *pixels, struct value options, struct arena *arena)
{
	struct value fact = value_map();

	value_set(&fact, "size", value_integer((int64_t)pixels->size), arena);
	value_set(&fact, "resize", value_span(pixels->resize), arena);
	value_set(&fact, "crop", value_span(pixels->crop), arena);
	value_set(&fact, "fill", value_integer(pixels->fill), arena);
	value_set(&fact, "options", options, arena);
	value_set(header, "pixels", fact, arena);
	return arena->failed ? -1 : 0;
}

bool fact_named(struct span name)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (span_is(name, names[i]))
			return true;
	return false;
}

void facts_remove(struct value *header)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		value_remove(header, names[i]);
}

void facts_remove_version(struct value *entry)
{
	const struct span name = value_string_or(value_get(entry, "name"), "");

	if (name.size > 3 && memcmp(name.data, "cc-", 3) == 0)
		value_remove(entry, "version");
}

void facts_remove_versions(struct value *header)
{
	const struct value *prog = value_get(header, "prog");

	for (size_t i = 0; prog && prog->kind == VALUE_ARRAY && i < prog->list.count; i++)
		facts_remove_version(&prog->list.items[i]);
}

const struct value *fact_old_templates(const struct value *prog, bool *made)
{
	const struct value *entry = last_by(prog, "cc-embed"), *args = value_get(entry, "args");

	*made = args && args->kind == VALUE_ARRAY;
	return argument_of(entry, "--templates");
}
