#include "tools/shard/read.h"

#include "formats/tar/record_digest.h"
#include "formats/source/metadata.h"

#include <inttypes.h>
#include <string.h>

static int next_sample(struct run *run, struct record *record, bool skip)
{
	struct err *err = &run->tool.err;

	if (!run->indexed)
		return interleave_next(&run->interleave, record, skip, err);
	if (skip)
		return index_skip(&run->index) ? READER_RECORD : READER_END;
	int state = index_read(&run->index, record, err);
	return state == SAMPLE_WHOLE ? READER_RECORD : state == SAMPLE_BAD ? READER_BAD : state;
}

static int count_bad(struct run *run, const struct record *record, int state)
{
	struct tool *tool = &run->tool;
	struct buf place = { 0 };
	char reason[ERR_TEXT];

	memcpy(reason, tool->err.text, sizeof reason);
	if (state == READER_CUT) {
		tool_say(tool, "%s", reason);
		return tool_bad(tool, span_string("--lenient"), "truncated source");
	}
	tool->in.records++;
	if (run->indexed)
		index_place(&run->index, &place);
	else
		reader_place(run->interleave.current, &place);
	buf_append_string(&place, ": ");
	buf_append_span(&place, record->key);
	int result = place.failed ? err_memory(&tool->err) : tool_bad(tool, buf_span(&place), reason);
	buf_free(&place);
	return result;
}

/* The sum does not depend on the order, so a record is added before it enters the shuffle buffer. */
static int add_digest(struct run *run, const struct record *record, bool changed)
{
	struct digest digest = { 0 };

	if (!changed && !run->indexed)
		digest = run->interleave.current->digest;
	else if (record_digest(record, &digest, &run->tool.err))
		return -1;
	run->digest = digest_sum(run->digest, digest);
	return 0;
}

static int process_sample(struct run *run, struct record *record)
{
	struct tool *tool = &run->tool;
	int added = labels_add(&run->labels, record, &tool->err);

	if (added < 0)
		return count_bad(run, record, READER_BAD);
	if (!choice_takes(&run->choice, record))
		return 0;
	bool changed = added || !choice_reads_all(&run->choice);
	if (run->epoch == 0 && add_digest(run, record, changed))
		return -1;
	run->changed = run->changed || added == 1;
	tool->in.records++;
	progress_tick(&tool->progress, tool->in.records, tool->bad, "");
	if (run->buffer.size && !shuffle_buffer_swap(&run->buffer, record))
		return 0;
	return stream_write(&tool->out, record, &tool->err);
}

/* In order, the reader checks each shard.  After a full shuffle only the sum over all shards can be checked. */
static int check_sum(struct run *run)
{
	const struct read_options *opt = &run->opt;
	bool all = run->exact && run->survey.summed && !run->changed && !run->tool.bad && !opt->split &&
		   !choice_needs_record(&run->choice) && !opt->fields && !opt->skip && opt->take == UINT64_MAX;

	if (!all || digest_equal(run->digest, run->survey.sum))
		return 0;
	return err_set(&run->tool.err,
		"the digest of the records differs from that of their shards: a shard was changed after it was written; "
		"find it with cc-shard verify");
}

static int run_epoch(struct run *run, struct record *record)
{
	struct tool *tool = &run->tool;
	enum choice_next next;

	choice_epoch(&run->choice);
	while ((next = choice_next(&run->choice)) != CHOICE_STOP) {
		int state = next_sample(run, record, next == CHOICE_SKIP);
		if (state == READER_END)
			break;
		if (state < 0 || (state != READER_RECORD && count_bad(run, record, state)) ||
			(state == READER_RECORD && next == CHOICE_READ && process_sample(run, record)))
			return -1;
	}
	while (shuffle_buffer_take(&run->buffer, record))
		if (stream_write(&tool->out, record, &tool->err))
			return -1;
	return run->epoch == 0 ? check_sum(run) : 0;
}

static int begin_epoch(struct run *run)
{
	struct tool *tool = &run->tool;

	if (run->exact)
		index_order(&run->index, tool->seed, run->epoch);
	else if (run->indexed)
		index_rewind(&run->index);
	else if (run->epoch && interleave_rewind(&run->interleave, &tool->err))
		return -1;
	shuffle_buffer_epoch(&run->buffer, tool->seed, run->epoch);
	return stream_write_epoch(&tool->out, run->epoch, &tool->err);
}

/* Reports options without effect, such as a mistyped name. */
static void report_unused(struct run *run)
{
	struct span unused = naming_unused(&run->naming);

	struct buf missed = { 0 };

	if (unused.size && run->tool.in.records)
		tool_say(&run->tool, "--rename: no record has a field '%.*s'%s", (int)unused.size, (const char *)unused.data,
			unused.size > 5 && memcmp(unused.data, "json.", 5) == 0 ? "; use --caption-json PATH to take a caption from json"
										: "");
	if (run->labels.captioned && !run->survey.style.recorded && !run->survey.other.path)
		tool_say(&run->tool,
			"--templates: %" PRIu64 " records already had a caption and keep it, although the header records the templates",
			run->labels.captioned / run->opt.epochs);
	choice_unmatched(&run->choice, run->opt.split || run->opt.take != UINT64_MAX, &missed);
	if (missed.size)
		tool_say(&run->tool, "%s", buf_string(&missed));
	buf_free(&missed);
}

/* Collects the provenance of the second and further sets, from their headers and ends. */
static int list_later_sets(struct run *run, struct value *progs)
{
	const struct value *later = &run->later_progs.progs;

	*progs = run->survey.progs;
	for (size_t i = 0; i < later->list.count; i++)
		if (value_push(progs, later->list.items[i], &run->tool.arena))
			return err_memory(&run->tool.err);
	return 0;
}

static int name_unlisted(void *context, const char *path, const char *folder, struct err *err)
{
	struct run *run = context;
	struct buf place = { 0 };

	(void)err;
	buf_printf(&place, "%s: %s", folder, path);
	run->tool.in.records++;
	const int result = place.failed ? err_memory(&run->tool.err)
					: tool_bad(&run->tool, buf_span(&place), "no row of the folder's metadata names this image");
	buf_free(&place);
	return result;
}

/* Counts images that a folder's table does not name as bad, once. */
static int check_metadata(struct run *run)
{
	if (run->choice.part || choice_needs_record(&run->choice))
		return 0;
	return metadata_unlisted(&run->reader.sources, &run->tables, &run->tool.limits, name_unlisted, run, &run->tool.err);
}

int read_run(struct run *run)
{
	struct value progs;

	struct record record = { 0 };
	int state = check_metadata(run);

	for (; run->epoch < run->opt.epochs && state == 0; run->epoch++)
		state = begin_epoch(run) || run_epoch(run, &record) ? -1 : 0;
	record_free(&record);
	if (state == 0)
		report_unused(run);
	if (list_later_sets(run, &progs))
		return -1;
	run->tool.in.tail = (struct stream_tail){ .has_digest = true, .digest = run->digest, .progs = progs };
	return state;
}
