/* cc-shard write: writes records to shards. */
#include "tools/cli/print.h"
#include "formats/dataset/classes.h"
#include "formats/text/captions.h"
#include "formats/dataset/set_writer.h"
#include "tools/shard/verbs.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

struct write_options {
	uint64_t max_size, max_count;
	bool dry_run;
};

static const struct option_spec write_options[] = {
	{ "max-size", OPTION_BYTES, offsetof(struct write_options, max_size), "BYTES",
		"largest size of a shard, unless a single record is larger (default 1G)", .min = 1, .max = 1e15 },
	{ "max-count", OPTION_COUNT, offsetof(struct write_options, max_count), "N",
		"largest number of records in a shard (default: no limit)", .min = 1, .max = 1e15 },
	{ "dry-run", OPTION_FLAG, offsetof(struct write_options, dry_run), NULL,
		"write nothing; list the shards that would be written, and which of them exist" },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-shard write",
	.summary = "write records to shards, which are WebDataset tars",
	.usage = "[OPTION]... PATTERN < RECORDS",
	.text = "PATTERN contains one %d for the shard's number, as in 'train-%04d.tar'. Without it a single shard of that name is written; - is "
		"standard output.\n\n"
		"The same records give the same bytes: owners and times are 0, and the header does not record the requested shard sizes. "
		"Each shard begins with a member __cc__ (JSON: the stream's header, the shard's number, count and digest). The last shard ends with "
		"__end__ (the totals). WebDataset readers skip both.\n\n"
		"A shard appears complete or not at all. If the stream is truncated, complete shards may remain, without an __end__; cc-shard read and "
		"cc-shard verify report that. A stream of several epochs is refused.\n\n"
		"A shard replaces an existing shard of the same name that cc-shard write made. The run fails rather than overwrite any other file, or a "
		"file that the stream may have been read from.",
	.example = "cc-shard read --folders photos.tar |\n    cc-shard write --max-count 1000 'photos-%04d.tar'\n",
	.options = write_options,
	.arguments_min = 1,
	.arguments_max = 1,
};

static int check_pattern(struct tool *tool, struct set_writer *writer)
{
	static const char *const compressed[] = { ".gz", ".tgz", ".zst", ".xz", ".bz2" };
	const char *text = tool->arguments[0];
	const size_t length = strlen(text);

	if (pattern_parse(&writer->pattern, text, &tool->err)) {
		tool->exit_code = TOOL_USAGE;
		return -1;
	}
	for (size_t i = 0; i < sizeof compressed / sizeof *compressed; i++)
		if (length > strlen(compressed[i]) && strcmp(text + length - strlen(compressed[i]), compressed[i]) == 0)
			return tool_usage(tool, "'%s': shards are written uncompressed; compress them afterwards", text);
	if (!writer->pattern.numbered && (options_given(&tool->options, "max-size") || options_given(&tool->options, "max-count")))
		return tool_usage(tool, "'%s' names a single shard; for several use a number, as in part-%%04d.tar", text);
	if (tool->output_path)
		return tool_usage(tool, "-o cannot be used: PATTERN is the output");
	if (writer->dry && strcmp(text, "-") == 0)
		return tool_usage(tool, "--dry-run lists files, and '-' is not a file");
	return strcmp(text, "-") == 0 && isatty(STDOUT_FILENO) ? tool_usage(tool, "standard output is a terminal; a tar is binary") : 0;
}

static int refuse_epochs(struct tool *tool)
{
	return err_set(&tool->err, "the stream has several epochs, but a set of shards holds one; read without --epochs");
}

/* Refuses class names that cc-shard read would not accept. */
static int check_classes(struct tool *tool)
{
	const struct value *list = value_get(&tool->in.header, "classes");
	struct classes classes = { 0 };
	const int state = list ? classes_from_value(&classes, list, &tool->err) : 0;

	classes_free(&classes);
	return state ? err_add(&tool->err, "header") : 0;
}

static int open_stream(struct tool *tool, struct set_writer *writer)
{
	if (tool_read_file(tool, NULL))
		return -1;
	if (stream_epochs(&tool->in) > 1)
		return refuse_epochs(tool);
	if (check_classes(tool) || tool_append_prog(tool, &tool->in.header))
		return -1;
	writer->header = tool->in.header;
	return 0;
}

/* Shards store one caption per line if their header requires it, and the header is written before the records. */
static int refuse_list(struct tool *tool, const struct record *record)
{
	return err_set(&tool->err,
		"%.*s: txt is a list of captions, but the stream's header does not announce lists (\"captions\": \"lines\"); "
		"`cc-shard read --captions lines` adds that",
		span_shown(record->key, 200), (const char *)record->key.data);
}

static int write_records(struct tool *tool, struct set_writer *writer)
{
	const bool lines = span_is(value_string_or(value_get(&tool->in.header, "captions"), ""), "lines");
	struct record record = { 0 };
	int state;

	while ((state = tool_next(tool, &record)) > 0) {
		if (state == STREAM_EPOCH && tool->in.epoch > 0)
			state = refuse_epochs(tool);
		else if (state == STREAM_RECORD && record_has_list(&record) && !lines)
			state = refuse_list(tool, &record);
		else if (state == STREAM_RECORD)
			state = set_write(writer, &record, &tool->err);
		if (state == SET_REFUSED) {
			char reason[ERR_TEXT];
			memcpy(reason, tool->err.text, sizeof reason);
			state = tool_bad(tool, record.key, reason);
		}
		if (state < 0)
			break;
	}
	record_free(&record);
	return state;
}

static int finish(struct tool *tool, struct set_writer *writer)
{
	struct stream_tail *tail = &tool->in.tail;

	if (tail->claims && tail->claimed != tool->in.records)
		return err_set(&tool->err,
			"%" PRIu64 " records were read, but the stream's tail states %" PRIu64
			": records were lost, or a filter forwarded an outdated tail",
			tool->in.records, tail->claimed);
	if (bad_merge(&tail->bad, &tool->bad_reasons, &tool->arena))
		return err_memory(&tool->err);
	writer->end.has_source = tail->has_digest;
	writer->end.source = tail->digest;
	writer->end.bad = tail->bad;
	writer->end.progs = tail->progs;
	return set_finish(writer, &tool->err);
}

/* Reports a shard that an earlier, longer set left behind. */
static void report_leftover(struct tool *tool, struct set_writer *writer)
{
	const char *after = (const char *)writer->after.data;

	if (writer->pattern.numbered && access(after, F_OK) == 0)
		tool_say(tool, "%s is left over from an earlier set and does not belong to this one", after);
	if (tool->verbose)
		tool_say(tool, "%" PRIu64 " records in %" PRIu64 " shards", writer->end.records, writer->end.shards);
}

static int print_plan(struct tool *tool, const struct set_writer *writer)
{
	struct buf text = { 0 };

	buf_printf(&text, "%12s %15s  %s\n", "records", "bytes", "shard (nothing was written)");
	buf_append_span(&text, buf_span(&writer->plan));
	int result = text.failed ? err_memory(&tool->err) : tool_print(tool, buf_span(&text));
	buf_free(&text);
	return result;
}

int shard_write(int argc, char **argv)
{
	struct write_options opt = { .max_size = 1u << 30 };
	struct tool tool;
	struct set_writer writer = { .output = OUTPUT_CLOSED };
	int code;

	if (tool_start(&tool, &about, &opt, argc, argv))
		return tool_fail(&tool);
	writer.dry = opt.dry_run;
	if (check_pattern(&tool, &writer))
		return tool_fail(&tool);
	writer.max_bytes = opt.max_size;
	writer.max_count = opt.max_count;
	if (open_stream(&tool, &writer) || write_records(&tool, &writer) || finish(&tool, &writer) ||
		(opt.dry_run && print_plan(&tool, &writer))) {
		code = tool_fail(&tool);
	} else {
		report_leftover(&tool, &writer);
		code = tool_finish(&tool);
	}
	set_writer_free(&writer);
	return code;
}
