#include "formats/stream/facts.h"
#include "formats/report/provenance.h"

#include "formats/text/json.h"
#include "formats/text/json_printable.h"

#include <stdbool.h>
#include <string.h>

/* As one would type it to a shell.  A program with a = in its name would be an assignment. */
static void print_word(struct buf *out, struct span word, bool program)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
	bool quote = word.size == 0 || (program && memchr(word.data, '=', word.size));

	for (size_t i = 0; i < word.size && !quote; i++)
		quote = !memchr(plain, word.data[i], sizeof plain - 1);
	if (!quote) {
		buf_append_span(out, word);
		return;
	}
	buf_append_byte(out, '\'');
	for (const unsigned char *end; (end = word.size ? memchr(word.data, '\'', word.size) : NULL);) {
		append_printable(out, span_of(word.data, (size_t)(end - word.data)));
		buf_append_string(out, "'\\''");
		word = span_of(end + 1, word.size - (size_t)(end - word.data) - 1);
	}
	append_printable(out, word);
	buf_append_byte(out, '\'');
}

/* "cc-shard read" is two words.  Any other name is one, and so is what follows the first blank: names come from files, and these lines are
 * copied into shells. */
static void print_program(struct buf *out, struct span name)
{
	const unsigned char *blank = name.size > 3 && memcmp(name.data, "cc-", 3) == 0 ? memchr(name.data, ' ', name.size) : NULL;
	const size_t size = blank ? (size_t)(blank - name.data) : name.size;

	print_word(out, span_of(name.data, size), true);
	if (!blank)
		return;
	buf_append_byte(out, ' ');
	print_word(out, span_of(blank + 1, name.size - size - 1), false);
}

static int print_value(struct buf *out, const struct value *value, struct err *err)
{
	struct buf json = { 0 };
	int result = json_write(value, &json, err);

	append_printable_json(out, buf_span(&json));
	buf_free(&json);
	return result;
}

static int print_command(struct buf *out, const struct value *entry, struct err *err)
{
	const struct value *args = value_get(entry, "args");

	if (entry->kind != VALUE_MAP)
		return err_set(err, "the chain of programs is damaged");
	print_program(out, value_string_or(value_get(entry, "name"), "?"));
	for (size_t i = 0; args && args->kind == VALUE_ARRAY && i < args->list.count; i++) {
		buf_append_byte(out, ' ');
		print_word(out, value_string_or(&args->list.items[i], "?"), false);
	}
	return 0;
}

static int print_entry(struct buf *out, const struct value *entry, size_t depth, struct err *err)
{
	const struct value *seed = value_get(entry, "seed");

	buf_printf(out, "%*s", (int)(4 * depth), "");
	if (print_command(out, entry, err))
		return -1;
	buf_append_string(out, "  # ");
	append_printable(out, value_string_or(value_get(entry, "version"), "?"));
	if (seed) {
		buf_append_string(out, ", seed ");
		if (print_value(out, seed, err))
			return -1;
	}
	buf_append_byte(out, '\n');
	return 0;
}

static int print_chain(struct buf *out, const struct value *chain, size_t depth, struct err *err)
{
	for (size_t i = 0; chain->kind == VALUE_ARRAY && i < chain->list.count; i++)
		if (print_entry(out, &chain->list.items[i], depth, err))
			return -1;
	return 0;
}

static int print_header(struct buf *out, const struct value *header, size_t depth, struct err *err);

/* What stands beside the chain: a model with a chain of its own, or facts about what was read. */
static int print_part(struct buf *out, struct span name, const struct value *part, size_t depth, struct err *err)
{
	const bool chain = value_get(part, "prog") != NULL;

	if ((part->kind != VALUE_MAP && !span_is(name, "digest")) || fact_named(name)) /* the commands show what the facts say */
		return 0;
	buf_printf(out, "%*s# ", (int)(4 * depth), "");
	append_printable(out, name);
	buf_append_string(out, chain ? ":\n" : ": ");
	if (chain)
		return print_header(out, part, depth + 1, err);
	if (append_readable_json(out, part, err))
		return -1;
	buf_append_byte(out, '\n');
	return 0;
}

/* The chains of sources that were put behind the first. */
static int print_behind(struct buf *out, const struct value *chains, size_t depth, struct err *err)
{
	for (size_t i = 0; chains && chains->kind == VALUE_ARRAY && i < chains->list.count; i++) {
		buf_printf(out, "%*s# and behind it:\n", (int)(4 * depth), "");
		if (print_chain(out, &chains->list.items[i], depth, err))
			return -1;
	}
	return 0;
}

static int print_header(struct buf *out, const struct value *header, size_t depth, struct err *err)
{
	const struct value *prog = value_get(header, "prog");

	for (size_t i = 0; i < header->list.count; i++)
		if (print_part(out, header->list.items[2 * i].string, &header->list.items[2 * i + 1], depth, err))
			return -1;
	if (prog && print_chain(out, prog, depth, err))
		return -1;
	return print_behind(out, value_get(value_get(header, "data"), "behind"), depth, err);
}

int provenance_print(const struct provenance *provenance, struct buf *out, struct err *err)
{
	if (print_header(out, &provenance->header, 0, err) || print_behind(out, &provenance->behind, 0, err))
		return -1;
	return out->failed ? err_memory(err) : 0;
}

static bool begins(const struct value *entry, const char *name)
{
	const struct span is = value_string_or(value_get(entry, "name"), "");

	return is.size >= strlen(name) && memcmp(is.data, name, strlen(name)) == 0;
}

/* The seed where it is not the default. */
static void print_seed(struct buf *out, const struct value *entry)
{
	const int64_t seed = value_integer_or(value_get(entry, "seed"), 0);

	if (seed)
		buf_printf(out, " --seed %lld", (long long)seed);
}

static int print_pipe(struct buf *out, const struct value *chain, struct err *err)
{
	for (size_t i = 0; i < chain->list.count; i++) {
		const struct value *entry = &chain->list.items[i];
		const bool reads = begins(entry, "cc-shard read");
		if (i && !reads)
			buf_append_string(out, " |\n    ");
		else if (i)
			buf_append_byte(out, '\n');
		if (print_command(out, entry, err))
			return -1;
		print_seed(out, entry);
		if (reads || begins(entry, "cc-shard write"))
			buf_append_string(out, " FILES");
		else if (begins(entry, "cc-train"))
			buf_append_string(out, " -o FILE");
	}
	if (chain->list.count)
		buf_append_byte(out, '\n');
	return 0;
}

int provenance_pipe(const struct provenance *provenance, struct buf *out, struct err *err)
{
	const struct value *chain = value_get(&provenance->header, "prog");
	const struct value *behind = value_get(value_get(&provenance->header, "data"), "behind");

	if (chain && chain->kind == VALUE_ARRAY && print_pipe(out, chain, err))
		return -1;
	for (size_t i = 0; behind && behind->kind == VALUE_ARRAY && i < behind->list.count; i++) {
		if (behind->list.items[i].kind != VALUE_ARRAY)
			continue;
		buf_append_string(out, "# and behind the first FILES:\n");
		if (print_pipe(out, &behind->list.items[i], err))
			return -1;
	}
	return out->failed ? err_memory(err) : 0;
}

int provenance_print_json(struct provenance *provenance, const char *path, struct buf *out, struct err *err)
{
	const struct value *header = &provenance->header;
	struct arena *arena = &provenance->arena;
	struct value map = value_map();

	value_set(&map, "file", value_string(path), arena);
	value_set(&map, "kind", value_string(provenance->kind), arena);
	for (size_t i = 0; i < header->list.count; i++) {
		const struct span name = header->list.items[2 * i].string;
		const char *copy = arena_string(arena, name.data, name.size);
		if (copy && !span_is(name, "file") && !span_is(name, "kind"))
			value_add(&map, span_of(copy, name.size), header->list.items[2 * i + 1], arena);
	}
	if (provenance->behind.list.count)
		value_set(&map, "behind", provenance->behind, arena);
	if (arena->failed)
		return err_memory(err);
	if (print_value(out, &map, err))
		return -1;
	buf_append_byte(out, '\n');
	return 0;
}
