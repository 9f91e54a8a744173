/* cc-shard stat: counts records, fields and bytes. */
#include "formats/source/metadata.h"
#include "formats/text/captions.h"
#include "formats/text/json.h"
#include "core/map.h"
#include "text/printable.h"
#include "tools/cli/print.h"
#include "formats/source/crawl.h"
#include "tools/shard/verbs.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

struct stat_options {
	bool json, allow_pipe, per_image;
};

static const struct option_spec stat_options[] = {
	{ "json", OPTION_FLAG, offsetof(struct stat_options, json), NULL, "print one JSON object" },
	SOURCES_PER_IMAGE(struct stat_options, per_image),
	SOURCES_ALLOW_PIPE(struct stat_options, allow_pipe),
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-shard stat",
	.summary = "count records, fields and bytes of each source and in total",
	.usage = "[OPTION]... [SOURCE]...",
	.text = "Without a SOURCE (see cc-shard read), reads records from standard input. Of sources, only names and sizes are read, and "
		"captions, to count the blank ones.\n\n"
		"For shards written by cc-shard write it also prints how many records were dropped before, by reason. For a crawl by img2dataset it "
		"prints the number of links, and why images were not stored (from the shards' _stats.json).",
	.example = "cc-shard stat 'train-{0000..0007}.tar'\ncc-shard stat --json crawl/ | jq .crawl\n",
	.options = stat_options,
	.arguments_max = SIZE_MAX,
};

struct field_stat {
	uint64_t count, bytes, most;
};

enum { FIELDS_MOST = 256 };

struct stats {
	struct tool *tool;
	struct shard_samples samples;
	struct field_stat fields[FIELDS_MOST + 1]; /* the last one counts all other fields */
	struct map names; /* of the fields that are counted separately */
	struct source_stat {
		const char *path;
		uint64_t records, bytes;
	} *sources; /* in the tool's arena */
	uint64_t records, bytes, empty; /* empty: blank captions */
	struct value bad; /* records dropped while the shards were made: {reason: n} */
	struct crawl_sum crawl;
	struct buf out;
	bool failed; /* no memory */
};

/* Fields beyond the first FIELDS_MOST share the last entry. */
static struct field_stat *find_field(struct stats *stats, struct span name)
{
	int64_t number = map_find(&stats->names, name);

	if (number == MAP_NONE && stats->names.count < FIELDS_MOST)
		number = map_add(&stats->names, name);
	else if (number == MAP_NONE)
		number = FIELDS_MOST;
	return number < 0 ? NULL : &stats->fields[number];
}

static struct span field_name(const struct stats *stats, size_t number)
{
	return number < FIELDS_MOST ? map_key(&stats->names, number) : span_string("(others)");
}

static size_t count_fields(const struct stats *stats)
{
	return stats->names.count + (stats->fields[FIELDS_MOST].count > 0);
}

static void count_field(struct stats *stats, struct span name, uint64_t bytes)
{
	struct field_stat *field = find_field(stats, name);

	if (!field) {
		stats->failed = true;
		return;
	}
	field->count++;
	field->bytes += bytes;
	field->most = bytes > field->most ? bytes : field->most;
	stats->bytes += bytes;
	if (stats->sources)
		stats->sources[stats->samples.reader.source].bytes += bytes;
}

/* Callback of struct sample_reader: counts the member; only captions are read. */
static bool count_member(void *context, struct span field, uint64_t size)
{
	count_field(context, field, size);
	return name_is(field, "txt");
}

static void count_empty(struct stats *stats, const struct record *record)
{
	struct captions captions;
	struct err none;

	stats->empty += record_find(record, "txt") && record_captions(record, &captions, &none) && captions.count == 0;
}

/* Callback of struct reader. */
static int add_end(void *context, const struct source_reader *source, struct err *err)
{
	struct stats *stats = context;
	const struct shard_end *end = source_end(source);

	if (end && bad_merge(&stats->bad, &end->bad, &stats->tool->arena))
		return err_memory(err);
	return crawl_sum_add(&stats->crawl, source->source->path, err);
}

static int count_unlisted(void *context, const char *path, const char *folder, struct err *err)
{
	struct tool *tool = ((struct stats *)context)->tool;
	struct buf place = { 0 };

	buf_printf(&place, "%s: %s", folder, path);
	tool->in.records++;
	const int result =
		place.failed ? err_memory(err) : tool_bad(tool, buf_span(&place), "no row of the folder's metadata names this image");
	buf_free(&place);
	return result;
}

/* Counts images that the table of an image folder does not name as bad. */
static int check_metadata(struct stats *stats)
{
	const struct sources *sources = &stats->samples.reader.sources;

	return metadata_unlisted(sources, sources->tables, &stats->tool->limits, count_unlisted, stats, &stats->tool->err);
}

static int count_samples(struct stats *stats)
{
	struct record record = { 0 };
	int state;

	while ((state = shard_samples_next(&stats->samples, &record)) > 0) {
		stats->records++;
		if (stats->sources)
			stats->sources[stats->samples.reader.source].records++;
		count_empty(stats, &record);
		for (size_t i = 0; stats->samples.stream && i < record.count; i++)
			count_field(stats, record.fields[i].name, record.fields[i].bytes.size);
	}
	record_free(&record);
	if (state == 0 && !stats->samples.stream)
		state = check_metadata(stats);
	return stats->failed ? err_memory(&stats->tool->err) : state;
}

static struct value field_value(const struct field_stat *field, struct arena *arena)
{
	struct value map = value_map();

	value_set(&map, "count", value_integer((int64_t)field->count), arena);
	value_set(&map, "bytes", value_integer((int64_t)field->bytes), arena);
	value_set(&map, "most", value_integer((int64_t)field->most), arena);
	return map;
}

static struct value source_value(const struct source_stat *source, struct arena *arena)
{
	struct value map = value_map();

	value_set(&map, "path", value_string(source->path), arena);
	value_set(&map, "records", value_integer((int64_t)source->records), arena);
	value_set(&map, "bytes", value_integer((int64_t)source->bytes), arena);
	return map;
}

static int make_json(struct stats *stats)
{
	struct arena *arena = &stats->tool->arena;
	struct value map = value_map(), fields = value_map(), sources = value_array();

	for (size_t i = 0; i < count_fields(stats); i++)
		value_add(&fields, field_name(stats, i), field_value(&stats->fields[i], arena), arena);
	for (size_t i = 0; i < stats->samples.reader.sources.count; i++)
		value_push(&sources, source_value(&stats->sources[i], arena), arena);
	value_set(&map, "records", value_integer((int64_t)stats->records), arena);
	value_set(&map, "bytes", value_integer((int64_t)stats->bytes), arena);
	value_set(&map, "fields", fields, arena);
	value_set(&map, "sources", sources, arena);
	value_set(&map, "empty_captions", value_integer((int64_t)stats->empty), arena);
	value_set(&map, "bad", stats->bad, arena);
	if (stats->crawl.shards)
		value_set(&map, "crawl", crawl_sum_value(&stats->crawl, arena), arena);
	if (arena->failed || json_write(&map, &stats->out, &stats->tool->err))
		return arena->failed ? err_memory(&stats->tool->err) : -1;
	buf_append_byte(&stats->out, '\n');
	return 0;
}

static void append_name(struct buf *out, struct span name)
{
	append_printable(out, name);
	buf_append_byte(out, '\n');
}

/* Records that are bad here or were dropped before, by reason. */
static void list_bad(struct stats *stats)
{
	for (size_t i = 0; i < stats->bad.list.count; i++) {
		buf_printf(&stats->out, "%s%12" PRId64 "  bad: ", i ? "" : "\n", value_integer_or(&stats->bad.list.items[2 * i + 1], 0));
		append_name(&stats->out, stats->bad.list.items[2 * i].string);
	}
}

/* Two tables: sources and fields. */
static void make_table(struct stats *stats)
{
	static const struct text_table_column columns[] = { { true, 12 }, { true, 14 }, { true, 14 }, { 0 } };
	const struct text_table_column source_columns[] = { columns[0], columns[1], columns[3] };
	const size_t count = stats->samples.reader.sources.count;
	struct text_table table;

	text_table_init(&table, source_columns, 3);
	text_table_row(&table, "records", "bytes", "source");
	for (size_t i = 0; i < count; i++) {
		text_table_format(&table, "%" PRIu64, stats->sources[i].records);
		text_table_format(&table, "%" PRIu64, stats->sources[i].bytes);
		text_table_cell(&table, span_string(stats->sources[i].path));
	}
	if (count != 1) {
		text_table_format(&table, "%" PRIu64, stats->records);
		text_table_format(&table, "%" PRIu64, stats->bytes);
		text_table_row(&table, "all");
	}
	text_table_print(&table, &stats->out);
	buf_append_byte(&stats->out, '\n');
	text_table_init(&table, columns, 4);
	text_table_row(&table, "in records", "bytes", "largest", "field");
	for (size_t i = 0; i < count_fields(stats); i++) {
		text_table_format(&table, "%" PRIu64, stats->fields[i].count);
		text_table_format(&table, "%" PRIu64, stats->fields[i].bytes);
		text_table_format(&table, "%" PRIu64, stats->fields[i].most);
		text_table_cell(&table, field_name(stats, i));
	}
	text_table_print(&table, &stats->out);
	if (stats->empty)
		buf_printf(&stats->out, "\n%12" PRIu64 "  empty: txt is blank\n", stats->empty);
	list_bad(stats);
	if (stats->crawl.shards)
		crawl_sum_print(&stats->crawl, &stats->out);
}

static int open_stats(struct stats *stats, struct tool *tool)
{
	struct reader *reader = &stats->samples.reader;

	stats->tool = tool;
	stats->bad = value_map();
	if (shard_samples_open(&stats->samples, tool, true))
		return -1;
	if (stats->samples.stream)
		return 0;
	reader->wanted = count_member;
	reader->finished = add_end;
	reader->sizes = true;
	reader->context = stats;
	stats->sources = arena_zeroed(&tool->arena, reader->sources.count, sizeof *stats->sources);
	if (!stats->sources)
		return err_memory(&tool->err);
	for (size_t i = 0; i < reader->sources.count; i++)
		stats->sources[i].path = reader->sources.items[i].path;
	return 0;
}

static int print_stats(struct stats *stats, bool json)
{
	const struct value *earlier = stats->samples.stream ? &stats->tool->in.tail.bad : NULL;

	if (bad_merge(&stats->bad, &stats->tool->bad_reasons, &stats->tool->arena) ||
		(earlier && bad_merge(&stats->bad, earlier, &stats->tool->arena)))
		return err_memory(&stats->tool->err);
	if (!json)
		make_table(stats);
	else if (make_json(stats))
		return -1;
	return tool_print(stats->tool, buf_span(&stats->out));
}

int shard_stat(int argc, char **argv)
{
	static struct stats stats;
	struct stat_options opt = { 0 };
	struct tool tool;

	if (tool_start(&tool, &about, &opt, argc, argv))
		return tool_fail(&tool);
	int failed = open_stats(&stats, &tool) || count_samples(&stats) || print_stats(&stats, opt.json);
	int code = failed ? tool_fail(&tool) : tool_finish(&tool);
	buf_free(&stats.out);
	map_free(&stats.names);
	crawl_sum_free(&stats.crawl);
	shard_samples_free(&stats.samples);
	return code;
}
