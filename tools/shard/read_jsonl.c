#include "tools/shard/read.h"

#include "formats/dataset/json_record.h"
#include "formats/tar/record_digest.h"
#include "tools/cli/dependencies.h"
#include "formats/stream/io.h"
#include "formats/stream/facts.h"
#include "formats/source/source_names.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

struct lines {
	struct tool *tool;
	struct names paths;
	size_t next;       /* index into paths */
	const char *path;  /* of the open file, for messages; NULL: none is open */
	struct line_reader reader;
	struct arena arena, scratch;
	bool failed;       /* the error already names the place */
};

static int open_next(struct lines *lines, struct err *err)
{
	const char *path = lines->paths.items[lines->next++];
	const bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "%s", path);
	if (isatty(fd))
		return tool_usage(lines->tool, "standard input is a terminal; --jsonl reads JSON lines from it");
	line_reader_init(&lines->reader, fd, json_line_longest(&lines->tool->limits));
	lines->path = standard ? "standard input" : path;
	return 0;
}

static void close_file(struct lines *lines)
{
	if (!lines->path)
		return;
	if (lines->reader.fd != STDIN_FILENO)
		close(lines->reader.fd);
	line_reader_free(&lines->reader);
	lines->path = NULL;
}

static bool is_blank(struct span line)
{
	for (size_t i = 0; i < line.size; i++)
		if (line.data[i] != ' ' && line.data[i] != '\t')
			return false;
	return true;
}

/* An invalid last line without a newline is a truncated one. */
static int wrong_line(struct lines *lines, struct span line, struct err *err)
{
	const bool cut = lines->reader.ended && lines->reader.position == lines->reader.buffer.size &&
			 line.data + line.size == lines->reader.buffer.data + lines->reader.buffer.size;

	if (cut)
		err_add(err, "upstream ended early");
	else if (line.size == 1 && *line.data == '{')
		err_set(err, "an object must be on one line (use jq -c)");
	return err_add(err, "%s: line %zu", lines->path, lines->reader.number);
}

/* Appends one line as msgpack.  Only one: then the current line number is that of the value that the stream reader parses next. */
static int next_line(void *from, struct buf *bytes, struct err *err)
{
	struct lines *lines = from;
	struct span line;
	int state;

	lines->failed = true;
	for (;;) {
		if (!lines->path && lines->next == lines->paths.count)
			break;
		if (!lines->path && open_next(lines, err))
			return -1;
		state = line_read(&lines->reader, &line, err);
		if (state < 0)
			return err_add(err, "%s", lines->path);
		if (state == 1 && is_blank(line))
			continue;
		if (state == 1 && json_line_to_msgpack(line, &lines->tool->limits, &lines->scratch, bytes, err))
			return wrong_line(lines, line, err);
		if (state == 1)
			break;
		if (lines->next == lines->paths.count) /* messages still need the last file's name */
			break;
		close_file(lines);
	}
	lines->failed = false;
	return 0;
}

/* Adds file and line to an error of the stream reader. */
static int add_place(struct lines *lines)
{
	if (lines->failed || !lines->path)
		return -1;
	if (lines->reader.number == 0)
		return err_add(&lines->tool->err, "%s", lines->path);
	return err_add(&lines->tool->err, "%s: line %zu", lines->path, lines->reader.number);
}

/* Without a header the tail gets the digest of the first epoch's records. */
static int add_digest(struct tool *tool, const struct record *record, struct digest *sum)
{
	struct digest digest;

	if (tool->in.has_header || tool->in.epoch)
		return 0;
	if (record_digest(record, &digest, &tool->err))
		return -1;
	*sum = digest_sum(*sum, digest);
	return 0;
}

static void report_difference(struct tool *tool)
{
	const struct stream_tail *tail = &tool->in.tail;

	if (tail->claims && tail->claimed != tool->in.records)
		tool_say(tool, "%" PRIu64 " records were read, but the tail states %" PRIu64 ": an earlier filter dropped or added some",
			tool->in.records, tail->claimed);
}

static int copy_records(struct lines *lines)
{
	struct tool *tool = lines->tool;
	struct digest sum = { 0 };
	struct record record = { 0 };
	int state;

	while ((state = tool_next(tool, &record)) > 0) {
		int failed = state == STREAM_EPOCH ? stream_write_epoch(&tool->out, tool->in.epoch, &tool->err)
						   : add_digest(tool, &record, &sum) || stream_write(&tool->out, &record, &tool->err);
		if (failed) {
			lines->failed = true;
			state = -1;
			break;
		}
	}
	record_free(&record);
	if (state < 0)
		return add_place(lines);
	if (!tool->in.has_header) {
		tool->in.tail.has_digest = true;
		tool->in.tail.digest = sum;
	}
	report_difference(tool);
	return 0;
}

static int copy_stream(struct lines *lines)
{
	struct tool *tool = lines->tool;
	const struct stream_feed feed = { next_line, lines };
	uint64_t records = 0;

	tool->reading = true;
	if (stream_open_feed(&tool->in, &feed, &tool->limits, &tool->err))
		return add_place(lines);
	if (!tool->in.has_header)
		tool_say(tool, "the input has no header: class names and provenance are unknown, and a truncated input cannot be detected "
			       "(jq's select(.__key__ == null or ...) keeps header and tail)");
	stream_records(&tool->in, &records);
	progress_start(&tool->progress, tool->about->name, records * stream_epochs(&tool->in), tool->quiet);
	if (fact_split_ends(&tool->in.header, &tool->arena))
		return err_memory(&tool->err);
	return tool_write(tool) || copy_records(lines) ? -1 : 0;
}

int read_jsonl(struct tool *tool)
{
	struct lines lines = { .tool = tool };
	int state = 0;

	for (size_t i = 0; i < tool->argument_count && state == 0; i++)
		if (access(tool->arguments[i], F_OK) == 0)
			state = names_add(&lines.paths, tool->arguments[i], strlen(tool->arguments[i]), &lines.arena)
					? err_memory(&tool->err)
					: 0;
		else if (braces_expand(&lines.paths, tool->arguments[i], &lines.arena, &tool->err))
			state = err_add(&tool->err, "%s", tool->arguments[i]);
	for (size_t i = 0; i < lines.paths.count && state == 0; i++)
		state = dependencies_add(tool, lines.paths.items[i]);
	if (state == 0)
		state = copy_stream(&lines);
	close_file(&lines);
	arena_free(&lines.arena);
	arena_free(&lines.scratch);
	return state;
}
