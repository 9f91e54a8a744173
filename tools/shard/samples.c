#include "tools/shard/verbs.h"

#include "tools/cli/dependencies.h"

#include "formats/tar/record_digest.h"

#include <string.h>
#include <unistd.h>

int note_sources(struct tool *tool, const struct sources *sources)
{
	for (size_t i = 0; i < sources->lists.count; i++)
		if (dependencies_add(tool, sources->lists.items[i]))
			return -1;
	for (size_t i = 0; i < sources->count; i++)
		if (dependencies_add(tool, sources->items[i].path))
			return -1;
	return 0;
}

int shard_samples_open(struct shard_samples *samples, struct tool *tool, bool subset)
{
	*samples = (struct shard_samples){ .tool = tool, .stream = tool->argument_count == 0 };
	if (samples->stream)
		return tool_read_file(tool, NULL);
	samples->reader.limits = tool->limits;
	samples->reader.subset = samples->reader.sources.subset = subset;
	samples->reader.sources.allow_pipe = options_given(&tool->options, "allow-pipe");
	samples->reader.sources.by_image = options_given(&tool->options, "per-image");
	for (size_t i = 0; i < tool->argument_count; i++) {
		if (strcmp(tool->arguments[i], "-") == 0 && isatty(STDIN_FILENO))
			return tool_usage(tool, "standard input is a terminal; a tar is expected on it");
		if (sources_add(&samples->reader.sources, tool->arguments[i], &tool->err))
			return -1;
	}
	if (sources_refuse_weights(&samples->reader.sources, &tool->err) || note_sources(tool, &samples->reader.sources))
		return -1;
	progress_start(&tool->progress, tool->about->name, 0, tool->quiet);
	return 0;
}

static int count_bad(struct shard_samples *samples, const struct record *record)
{
	struct tool *tool = samples->tool;
	struct buf place = { 0 };
	char reason[ERR_TEXT];

	memcpy(reason, tool->err.text, sizeof reason);
	reader_place(&samples->reader, &place);
	buf_append_string(&place, ": ");
	buf_append_span(&place, record->key);
	tool->in.records++;
	int result = place.failed ? err_memory(&tool->err) : tool_bad(tool, buf_span(&place), reason);
	buf_free(&place);
	return result;
}

static int next_of_stream(struct shard_samples *samples, struct record *record)
{
	struct tool *tool = samples->tool;
	int state;

	do
		state = tool_next(tool, record);
	while (state > 0 && (state == STREAM_EPOCH || tool->in.epoch > 0));
	return state;
}

int shard_samples_next(struct shard_samples *samples, struct record *record)
{
	struct tool *tool = samples->tool;

	if (samples->stream)
		return next_of_stream(samples, record);
	for (;;) {
		int state = reader_next(&samples->reader, record, false, &tool->err);
		if (state == READER_BAD) {
			if (count_bad(samples, record))
				return -1;
			continue;
		}
		tool->in.records += state == READER_RECORD;
		progress_tick(&tool->progress, tool->in.records, tool->bad, "");
		return state;
	}
}

int shard_samples_digest(const struct shard_samples *samples, const struct record *record, struct digest *digest, struct err *err)
{
	if (samples->stream)
		return record_digest(record, digest, err);
	*digest = samples->reader.digest;
	return 0;
}

void shard_samples_free(struct shard_samples *samples)
{
	reader_free(&samples->reader);
}
