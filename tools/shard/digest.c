/* cc-shard digest: is this the same data? */
#include "tools/common/print.h"
#include "tools/shard/samples.h"
#include "tools/shard/verbs.h"

#include <inttypes.h>

static const struct option_spec no_options[] = { { 0 } };

static const struct tool_about about = {
	.name = "cc-shard digest",
	.summary = "128 bits that stand for a set of records, and their number",
	.usage = "[OPTION]... [SOURCE]...",
	.text = "Without a SOURCE (see cc-shard read) of the records on standard input. Neither the order of the records and of their fields nor "
		"the sharding matters. The digest of a whole is the sum of its parts' digests modulo 2^128.\n\n"
		"It is the sum of the records' XXH3-128 over the key and, sorted by name, each field's name and content as a tar holds it; "
		"each of these behind its length in 8 bytes.",
	.example = "cc-shard digest 'part-{0..3}.tar'\n"
		   "cc-shard read --shuffle 'part-{0..3}.tar' | cc-shard digest\n",
	.options = no_options,
	.arguments_max = SIZE_MAX,
};

static int print_digest(struct tool *tool, struct samples *samples)
{
	struct record record = { 0 };
	struct digest sum = { 0 }, digest;
	struct buf line = { 0 };
	uint64_t records = 0;
	char hex[33];
	int state;

	while ((state = samples_next(samples, &record)) > 0) {
		if (samples_digest(samples, &record, &digest, &tool->err)) {
			state = -1;
			break;
		}
		sum = digest_sum(sum, digest);
		records++;
	}
	record_free(&record);
	if (state == 0) {
		digest_hex(sum, hex);
		buf_printf(&line, "%s %" PRIu64 "\n", hex, records);
		state = tool_print(tool, buf_span(&line));
	}
	buf_free(&line);
	return state;
}

int shard_digest(int argc, char **argv)
{
	struct tool tool;
	struct samples samples = { 0 };
	int code;

	if (tool_start(&tool, &about, NULL, argc, argv))
		return tool_fail(&tool);
	if (samples_open(&samples, &tool, true)) {
		code = tool_fail(&tool);
	} else {
		code = print_digest(&tool, &samples) ? tool_fail(&tool) : tool_finish(&tool);
	}
	samples_free(&samples);
	return code;
}
