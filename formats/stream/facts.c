#include "formats/stream/facts.h"

#include "formats/stream/old_facts.h"

#include <limits.h>
#include <string.h>

enum { PARTS_MOST = 1 << 24, SIDE_MOST = 1 << 16 }; /* A larger number is not written by these programs. */

static const char *const names[] = { "split", "poisoned", "pixels" };

static uint64_t count_of(const struct value *map, const char *name)
{
	const int64_t count = value_integer_or(value_get(map, name), 0);

	return count < 0 ? 0 : (uint64_t)count;
}

/* A fact is what it says only if all of it is there and fits prog. */
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
