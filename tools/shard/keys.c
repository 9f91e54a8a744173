/* cc-shard keys: lists keys, one per line. */
#include "text/printable.h"
#include "tools/cli/print.h"
#include "tools/shard/verbs.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

struct keys_options {
	bool allow_pipe, per_image;
};

static const struct option_spec keys_options[] = {
	SOURCES_PER_IMAGE(struct keys_options, per_image),
	SOURCES_ALLOW_PIPE(struct keys_options, allow_pipe),
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-shard keys",
	.summary = "list the keys of samples, one per line",
	.usage = "[OPTION]... [SOURCE]...",
	.text = "Without a SOURCE (see cc-shard read), reads records from standard input. A key that contains a line break cannot be listed and "
		"counts as a bad record (--max-bad).",
	.example = "cc-shard keys train.tar | sort | uniq -d\n",
	.options = keys_options,
	.arguments_max = SIZE_MAX,
};

enum { FLUSH_AT = 64 << 10 };

static int print_keys(struct tool *tool, struct shard_samples *samples)
{
	struct record record = { 0 };
	struct buf lines = { 0 };
	const bool terminal = isatty(STDOUT_FILENO) && !tool->output_path;
	int state;

	while ((state = shard_samples_next(samples, &record)) > 0) {
		if (record.key.size && memchr(record.key.data, '\n', record.key.size)) {
			state = tool_bad(tool, record.key, "the key contains a line break and cannot be listed");
			if (state)
				break;
			continue;
		}
		if (terminal)
			append_printable(&lines, record.key);
		else
			buf_append_span(&lines, record.key);
		buf_append_byte(&lines, '\n');
		if (lines.size < FLUSH_AT)
			continue;
		if (tool_print(tool, buf_span(&lines))) {
			state = -1;
			break;
		}
		buf_clear(&lines);
	}
	if (state == 0)
		state = lines.failed ? err_memory(&tool->err) : tool_print(tool, buf_span(&lines));
	buf_free(&lines);
	record_free(&record);
	return state;
}

int shard_keys(int argc, char **argv)
{
	struct tool tool;
	struct shard_samples samples = { 0 };
	struct keys_options opt = { 0 };
	int code;

	if (tool_start(&tool, &about, &opt, argc, argv))
		return tool_fail(&tool);
	if (shard_samples_open(&samples, &tool, true)) {
		code = tool_fail(&tool);
	} else {
		samples.reader.names_only = true;
		code = print_keys(&tool, &samples) ? tool_fail(&tool) : tool_finish(&tool);
	}
	shard_samples_free(&samples);
	return code;
}
