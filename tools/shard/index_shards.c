/* cc-shard index: writes a list of shards with their numbers of samples. */
#define _XOPEN_SOURCE 700
#include "core/map.h"
#include "formats/text/json.h"
#include "tools/cli/print.h"
#include "tools/shard/verbs.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct list_options {
	const char *name;
	bool sizes;
};

static const struct option_spec list_options[] = {
	{ "name", OPTION_TEXT, offsetof(struct list_options, name), "TEXT", "name of the data set, stored in the index" },
	{ "sizes", OPTION_FLAG, offsetof(struct list_options, sizes), NULL,
		"write sizes.json instead, {\"a.tar\": 7}, which open_clip looks for next to the shards" },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-shard index",
	.summary = "list shards with their numbers of samples: a wids index, or sizes.json",
	.usage = "[OPTION]... SOURCE... -o FILE",
	.text = "Counts the samples of each tar (see cc-shard read) by the names of its members and writes a wids index of version 1, which cc-shard "
		"read accepts as a SOURCE. With --sizes it writes the map that open_clip and webdataset expect as sizes.json next to the shards. Paths "
		"are relative to FILE.\n\n"
		"cc-shard read checks a list: a shard whose size or number of samples differs from it is an error.",
	.example = "cc-shard index 'train-{0000..0007}.tar' -o train.json\n"
		   "cc-shard read train.json | cc-view\n"
		   "cc-shard index --sizes 'train-{0000..0007}.tar' -o sizes.json\n",
	.options = list_options,
	.arguments_min = 1,
	.arguments_max = SIZE_MAX,
};

struct listing {
	struct tool tool;
	struct list_options opt;
	struct shard_samples samples;
	uint64_t *counts; /* samples of each source */
	struct map paths; /* for --sizes: each may occur once */
	char *folder;     /* FILE's folder, resolved */
	struct buf out;
};

static int count(struct listing *listing)
{
	struct record record = { 0 };
	int state;

	while ((state = shard_samples_next(&listing->samples, &record)) > 0)
		listing->counts[listing->samples.reader.source]++;
	record_free(&record);
	return state;
}

static int find_folder(struct listing *listing)
{
	const char *path = listing->tool.output_path, *slash = path ? strrchr(path, '/') : NULL;
	char *folder = span_copy_string(slash ? span_of(path, slash == path ? 1 : (size_t)(slash - path)) : span_string("."));

	listing->folder = folder ? realpath(folder, NULL) : NULL;
	free(folder);
	return listing->folder ? 0 : err_errno(&listing->tool.err, "%s", path ? path : ".");
}

/* The path relative to the folder: "../" for each part of the folder beyond the common prefix. */
static char *relative(struct listing *listing, const char *path)
{
	char *whole = realpath(path, NULL);
	const char *from = listing->folder, *at = whole, *rest_of_path = whole ? whole + 1 : NULL;
	struct buf out = { 0 };

	while (whole && *from && *from == *at) {
		from++;
		at++;
		if ((*from == 0 || *from == '/') && *at == '/')
			rest_of_path = at + 1;
	}
	if (!whole)
		return NULL;
	const size_t shared = (size_t)(rest_of_path - whole) - 1;
	for (const char *rest = listing->folder + shared; strlen(listing->folder) > shared && *rest; rest++)
		if (*rest == '/' && rest[1])
			buf_append_string(&out, "../");
	buf_append_string(&out, rest_of_path);
	char *copy = out.failed ? NULL : arena_string(&listing->tool.arena, out.data, out.size);
	buf_free(&out);
	free(whole);
	return copy;
}

static int add_shard(struct listing *listing, size_t number, struct value *shards)
{
	struct arena *arena = &listing->tool.arena;
	const struct source *source = &listing->samples.reader.sources.items[number];
	struct value shard = value_map();
	const struct value records = value_integer((int64_t)listing->counts[number]);
	char *path = relative(listing, source->path);

	if (!path)
		return err_errno(&listing->tool.err, "%s", source->path);
	const size_t before = listing->paths.count;
	const int64_t place = listing->opt.sizes ? map_add(&listing->paths, span_string(path)) : 0;
	if (place < 0)
		return err_memory(&listing->tool.err);
	if (listing->opt.sizes && (size_t)place < before)
		return err_set(&listing->tool.err, "%s: given twice", source->path);
	if (listing->opt.sizes)
		return value_add(shards, span_string(path), records, arena) ? err_memory(&listing->tool.err) : 0;
	value_set(&shard, "url", value_string(path), arena);
	value_set(&shard, "nsamples", records, arena);
	value_set(&shard, "filesize", value_integer((int64_t)source->size), arena);
	return value_push(shards, shard, arena) ? err_memory(&listing->tool.err) : 0;
}

static int print_list(struct listing *listing)
{
	struct tool *tool = &listing->tool;
	struct value map = value_map(), shards = listing->opt.sizes ? value_map() : value_array();

	for (size_t i = 0; i < listing->samples.reader.sources.count; i++)
		if (add_shard(listing, i, &shards))
			return -1;
	value_set(&map, "__kind__", value_string("wids-shard-index-v1"), &tool->arena);
	value_set(&map, "wids_version", value_integer(1), &tool->arena);
	if (listing->opt.name)
		value_set(&map, "name", value_string(listing->opt.name), &tool->arena);
	value_set(&map, "shardlist", shards, &tool->arena);
	if (tool->arena.failed)
		return err_memory(&tool->err);
	if (json_write_indented(listing->opt.sizes ? &shards : &map, &listing->out, &tool->err))
		return -1;
	buf_append_byte(&listing->out, '\n');
	return listing->out.failed ? err_memory(&tool->err) : tool_print(tool, buf_span(&listing->out));
}

static int open_sources(struct listing *listing)
{
	struct tool *tool = &listing->tool;
	const struct sources *sources = &listing->samples.reader.sources;

	if (listing->opt.name && listing->opt.sizes)
		return tool_usage(tool, "--name cannot be used with --sizes: sizes.json stores no name");
	if (shard_samples_open(&listing->samples, tool, true))
		return -1;
	for (size_t i = 0; i < sources->count; i++)
		if (sources->items[i].kind != SOURCE_TAR || !sources->items[i].rereadable_cheaply)
			return err_set(
				&tool->err, "%s: not a tar that is a regular file; an index can list only those", sources->items[i].path);
	listing->samples.reader.names_only = true;
	listing->counts = arena_zeroed(&tool->arena, sources->count, sizeof *listing->counts);
	return listing->counts ? find_folder(listing) : err_memory(&tool->err);
}

int shard_index(int argc, char **argv)
{
	static struct listing listing;
	struct tool *tool = &listing.tool;

	if (tool_start(tool, &about, &listing.opt, argc, argv))
		return tool_fail(tool);
	int failed = open_sources(&listing) || count(&listing) || print_list(&listing);
	int code = failed ? tool_fail(tool) : tool_finish(tool);
	shard_samples_free(&listing.samples);
	free(listing.folder);
	buf_free(&listing.out);
	map_free(&listing.paths);
	return code;
}
