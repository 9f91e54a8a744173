#include "formats/report/provenance.h"

#include "formats/stream/facts.h"
#include "formats/text/json.h"
#include "formats/text/json_printable.h"
#include "formats/tensor/safetensors.h"
#include "formats/tar/shard.h"
#include "formats/stream/stream.h"
#include "formats/tar/tar.h"
#include "formats/stream/file_kind.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { JSON_MOST = 16 << 20 };

static int fail_missing(struct err *err)
{
	return err_set(err, "has no provenance; it was not written by these programs");
}

/* header lives in the arena. */
static int take_header(struct provenance *provenance, const struct value *header, struct err *err)
{
	const struct value *prog = value_get(header, "prog");

	if (!prog || prog->kind != VALUE_ARRAY)
		return fail_missing(err);
	provenance->header = *header;
	return 0;
}

/* Reads to the end: the tail shows that the stream is complete and lists concatenated streams. */
static int read_stream(struct provenance *provenance, int fd, const struct limits *limits, struct err *err)
{
	struct stream_reader reader;
	struct record record = { 0 };
	int state = stream_open(&reader, fd, limits, err) ? -1 : 1;

	while (state > 0)
		state = stream_read(&reader, &record, err);
	provenance->arena = reader.arena; /* the header lives there */
	reader.arena = (struct arena){ 0 };
	if (state == 0)
		state = take_header(provenance, &reader.header, err);
	provenance->concatenated = reader.tail.progs;
	record_free(&record);
	stream_close(&reader);
	return state;
}

static int take_json(struct provenance *provenance, struct span text, const struct limits *limits, struct err *err)
{
	struct value header;

	if (json_read(text, limits, &provenance->arena, &header, err))
		return -1;
	return take_header(provenance, &header, err);
}

/* Replaces `content` by that of the member. */
static int read_member(struct tar_reader *tar, struct buf *content, struct err *err)
{
	buf_clear(content);
	return tar_read(tar, content, JSON_MOST, err);
}

/* The first member of a shard is its header. */
static int read_head(
	struct provenance *provenance, struct tar_reader *tar, struct buf *content, const struct limits *limits, struct err *err)
{
	struct tar_member member;
	struct shard_head head;
	int state = tar_next(tar, &member, err);

	if (state == 0 || (state == 1 && !span_is(member.name, SHARD_HEAD_NAME)))
		return fail_missing(err);
	if (state < 0 || read_member(tar, content, err) || shard_head_read(&head, buf_span(content), limits, &provenance->arena, err))
		return err_add(err, "not a stream, checkpoint or JSON file; read as a shard");
	return take_header(provenance, &head.header, err);
}

/* The last shard of a set lists concatenated streams at its end. */
static int read_end(
	struct provenance *provenance, struct tar_reader *tar, struct buf *content, const struct limits *limits, struct err *err)
{
	struct tar_member member;
	struct shard_end end;
	int state;

	while ((state = tar_next(tar, &member, err)) == 1) {
		if (!span_is(member.name, SHARD_END_NAME))
			continue;
		if (read_member(tar, content, err) || shard_end_read(&end, buf_span(content), limits, &provenance->arena, err))
			return -1;
		provenance->concatenated = end.progs;
	}
	return state;
}

static int read_shard(struct provenance *provenance, int fd, const struct limits *limits, struct err *err)
{
	struct tar_reader tar;
	struct buf content = { 0 };

	if (tar_open(&tar, fd, err))
		return -1;
	int result = read_head(provenance, &tar, &content, limits, err) || read_end(provenance, &tar, &content, limits, err) ? -1 : 0;
	tar_close(&tar);
	buf_free(&content);
	return result;
}

static int read_checkpoint(struct provenance *provenance, const char *path, const struct limits *limits, struct err *err)
{
	struct safetensors file;

	if (safetensors_open(&file, path, err))
		return -1;
	struct span text = safetensors_metadata(&file, "provenance"), digest = safetensors_metadata(&file, "digest");
	int result = text.size ? take_json(provenance, text, limits, err) : fail_missing(err);
	const char *copy = arena_string(&provenance->arena, digest.data, digest.size);
	provenance->digest = span_of(copy, copy ? digest.size : 0);
	safetensors_close(&file);
	return result;
}

/* One object, or the first line of several. */
static int read_json(struct provenance *provenance, int fd, const struct limits *limits, struct err *err)
{
	unsigned char *content = arena_alloc(&provenance->arena, JSON_MOST);
	ssize_t size = content ? pread(fd, content, JSON_MOST, 0) : -1;
	struct err whole;

	if (size < 0)
		return content ? err_errno(err, "read") : err_memory(err);
	if (take_json(provenance, span_of(content, (size_t)size), limits, &whole) == 0)
		return 0;
	const unsigned char *end = memchr(content, '\n', (size_t)size);
	return take_json(provenance, span_of(content, end ? (size_t)(end - content) : (size_t)size), limits, err);
}

static int read_file(struct provenance *provenance, const char *path, int fd, const struct limits *limits, struct err *err)
{
	switch (file_kind(fd)) {
	case FILE_STREAM: provenance->kind = "stream"; return read_stream(provenance, fd, limits, err);
	case FILE_CHECKPOINT: provenance->kind = "checkpoint"; return read_checkpoint(provenance, path, limits, err);
	case FILE_JSON: provenance->kind = "json"; return read_json(provenance, fd, limits, err);
	default: break;
	}
	provenance->kind = "shard";
	return read_shard(provenance, fd, limits, err);
}

int provenance_read(struct provenance *provenance, const char *path, const struct limits *limits, struct err *err)
{
	const bool standard = strcmp(path, "-") == 0;
	const int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	*provenance = (struct provenance){ .header = value_map(), .concatenated = value_array() };
	if (fd < 0)
		return err_errno(err, "%s", path);
	int result = read_file(provenance, standard ? "/dev/stdin" : path, fd, limits, err);
	if (!standard)
		close(fd);
	return result ? err_add(err, "%s", path) : 0;
}

/* Quoted for a shell.  A program with a = in its name would be an assignment. */
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

/* "cc-shard read" is two words.  Every other name is one, and so is the text after the first blank: names come from files, and users
 * copy these lines into shells. */
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

/* A member of the header other than the chain: a model with a chain of its own, or facts about the input. */
static int print_part(struct buf *out, struct span name, const struct value *part, size_t depth, struct err *err)
{
	const bool chain = value_get(part, "prog") != NULL;

	if ((part->kind != VALUE_MAP && !span_is(name, "digest")) || fact_named(name)) /* the commands show these facts, too */
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

/* The chains of concatenated streams. */
static int print_concatenated(struct buf *out, const struct value *chains, size_t depth, struct err *err)
{
	for (size_t i = 0; chains && chains->kind == VALUE_ARRAY && i < chains->list.count; i++) {
		buf_printf(out, "%*s# concatenated with:\n", (int)(4 * depth), "");
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
	return print_concatenated(out, value_get(value_get(header, "data"), "behind"), depth, err);
}

int provenance_print(const struct provenance *provenance, struct buf *out, struct err *err)
{
	if (print_header(out, &provenance->header, 0, err) || print_concatenated(out, &provenance->concatenated, 0, err))
		return -1;
	return out->failed ? err_memory(err) : 0;
}

static bool begins(const struct value *entry, const char *name)
{
	const struct span is = value_string_or(value_get(entry, "name"), "");

	return is.size >= strlen(name) && memcmp(is.data, name, strlen(name)) == 0;
}

/* Unless it is the default. */
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
	const struct value *concatenated = value_get(value_get(&provenance->header, "data"), "behind");

	if (chain && chain->kind == VALUE_ARRAY && print_pipe(out, chain, err))
		return -1;
	for (size_t i = 0; concatenated && concatenated->kind == VALUE_ARRAY && i < concatenated->list.count; i++) {
		if (concatenated->list.items[i].kind != VALUE_ARRAY)
			continue;
		buf_append_string(out, "# concatenated with:\n");
		if (print_pipe(out, &concatenated->list.items[i], err))
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
	if (provenance->concatenated.list.count)
		value_set(&map, "behind", provenance->concatenated, arena);
	if (arena->failed)
		return err_memory(err);
	if (print_value(out, &map, err))
		return -1;
	buf_append_byte(out, '\n');
	return 0;
}

void provenance_free(struct provenance *provenance)
{
	arena_free(&provenance->arena);
}
