/* cc-shard verify: checks shards and their set. */
#include "formats/source/metadata.h"
#include "text/printable.h"
#include "tools/cli/print.h"
#include "tools/shard/verbs.h"

#include <inttypes.h>
#include <stddef.h>

struct verify_options {
	bool quick, subset, allow_pipe, per_image;
};

static const struct option_spec verify_options[] = {
	{ "quick", OPTION_FLAG, offsetof(struct verify_options, quick), NULL,
		"check only names, counts and stored digests; do not read contents" },
	{ "subset", OPTION_FLAG, offsetof(struct verify_options, subset), NULL, "do not require complete sets of shards" },
	SOURCES_PER_IMAGE(struct verify_options, per_image),
	SOURCES_ALLOW_PIPE(struct verify_options, allow_pipe),
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-shard verify",
	.summary = "check that shards are undamaged and their set is complete",
	.usage = "[OPTION]... SOURCE...",
	.text = "Reads every SOURCE (see cc-shard read) and reports all problems: a damaged or truncated tar, or one without end blocks; members of a "
		"sample that are not adjacent; duplicate keys, in one shard or in two. For shards written by cc-shard write it also reports missing or stale "
		"shards, changed contents, and a set without its end. The exit status is 1 if there is any problem. A shard of the set that exists but "
		"was not given is reported, but is not a problem.\n\n"
		"Takes 24 bytes of memory per key.",
	.example = "cc-shard verify 'train-{0000..0007}.tar'\n",
	.options = verify_options,
	.arguments_min = 1,
	.arguments_max = SIZE_MAX,
};

struct verify {
	struct tool tool;
	struct shard_samples samples;
	struct key_set keys; /* of all sources */
	struct digest sum;
	uint64_t records, problems;
};

enum { SOURCE_SHIFT = 40 }; /* a place: the source's number above the offset in blocks of 512 bytes */

static void report_problem(struct verify *verify)
{
	bool quiet = verify->tool.quiet;

	verify->problems++;
	verify->tool.quiet = false;
	tool_say(&verify->tool, "%s", verify->tool.err.text);
	verify->tool.quiet = quiet;
	verify->tool.err.text[0] = 0;
}

static unsigned unit_of(const struct source *source)
{
	return source->kind == SOURCE_TAR ? 512 : 1;
}

/* Finds keys that occur in two sources; the reader finds duplicates within one. */
static int check_key(struct verify *verify, struct span key)
{
	const struct reader *reader = &verify->samples.reader;
	const struct source *sources = reader->sources.items;
	const uint64_t offset = reader->open.samples->offset & ((UINT64_C(1) << 48) - 1); /* a table sets higher bits as well */
	uint64_t place = (uint64_t)reader->source << SOURCE_SHIFT | offset / unit_of(&sources[reader->source]);
	int state = key_set_add(&verify->keys, key, &place);

	if (state < 0)
		return err_memory(&verify->tool.err);
	const size_t other = (size_t)(place >> SOURCE_SHIFT);
	if (state == 0 || other == reader->source)
		return 0;
	err_set(&verify->tool.err, "%s: sample %.*s: byte %" PRIu64 ": duplicate key, also in %s at byte %" PRIu64,
		sources[reader->source].path, span_shown(key, 512), (const char *)key.data, offset, sources[other].path,
		(place & ((UINT64_C(1) << SOURCE_SHIFT) - 1)) * unit_of(&sources[other]));
	report_problem(verify);
	return 0;
}

/* Reports a source's problems and continues with the next one. */
static int check_sources(struct verify *verify)
{
	struct reader *reader = &verify->samples.reader;
	struct record record = { 0 };
	int state;

	while ((state = reader_next(reader, &record, false, &verify->tool.err)) != READER_END) {
		if (state < 0) {
			report_problem(verify);
			if (!reader->misplaced)
				source_close(&reader->open);
			reader->misplaced = false;
			continue;
		}
		if (state == READER_BAD) {
			err_add(&verify->tool.err, "%s: sample %.*s", reader->open.source->path, span_shown(record.key, 512),
				(const char *)record.key.data);
			report_problem(verify);
		}
		verify->records++;
		verify->sum = digest_sum(verify->sum, reader->digest);
		progress_tick(&verify->tool.progress, verify->records, verify->problems, "");
		if (check_key(verify, record.key))
			break;
	}
	record_free(&record);
	return state == READER_END ? 0 : -1;
}

static int report_unlisted(void *context, const char *path, const char *folder, struct err *err)
{
	(void)err;
	err_set(&((struct verify *)context)->tool.err, "%s: %s: no row of the folder's metadata names this image", folder, path);
	report_problem(context);
	return 0;
}

/* Reports images that the table of an image folder does not name. */
static int check_metadata(struct verify *verify)
{
	const struct sources *sources = &verify->samples.reader.sources;

	return metadata_unlisted(sources, sources->tables, &verify->tool.limits, report_unlisted, verify, &verify->tool.err);
}

/* The given shards are undamaged: reports whether they are the whole set. */
static void append_verdict(struct buf *line, const struct set_check *set)
{
	if (set->shards_unread) {
		buf_printf(line, "%" PRIu64 " of the set's %" PRIu64 " shards; ", set->shards_read, set->shards_read + set->shards_unread);
		append_printable(line, span_string(set->first_unread));
		buf_append_string(line, " exists but was not given\n");
	} else {
		buf_append_string(line, "whole\n");
	}
}

static int conclude(struct verify *verify, bool quick)
{
	struct tool *tool = &verify->tool;
	struct buf line = { 0 };
	char hex[33];

	if (verify->problems)
		return err_set(&tool->err, "%" PRIu64 " problem%s", verify->problems, verify->problems == 1 ? "" : "s");
	digest_hex(verify->sum, hex);
	buf_printf(&line, "%zu source%s, %" PRIu64 " records%s%s: ", verify->samples.reader.sources.count,
		verify->samples.reader.sources.count == 1 ? "" : "s", verify->records, quick ? "" : ", digest ", quick ? "" : hex);
	append_verdict(&line, &verify->samples.reader.set);
	int state = tool_print(tool, buf_span(&line));
	buf_free(&line);
	return state;
}

int shard_verify(int argc, char **argv)
{
	static struct verify verify;
	struct verify_options opt = { 0 };
	struct tool *tool = &verify.tool;

	if (tool_start(tool, &about, &opt, argc, argv))
		return tool_fail(tool);
	int failed = shard_samples_open(&verify.samples, tool, opt.subset);
	verify.samples.reader.names_only = opt.quick;
	failed = failed || check_sources(&verify) || check_metadata(&verify) || conclude(&verify, opt.quick);
	int code = failed ? tool_fail(tool) : tool_finish(tool);
	shard_samples_free(&verify.samples);
	key_set_free(&verify.keys);
	return code;
}
