/* Unusable records: counted by reason, printed, and limited by --max-bad. */
#include "text/printable.h"
#include "tools/cli/tool.h"

#include <string.h>

/* Further reasons are counted as "other".  UNANNOUNCED_RECORDS: assumed length of a stream whose header gives none. */
enum { REASONS_MOST = 100, UNANNOUNCED_RECORDS = 1000 };

static int count(struct tool *tool, const char *reason)
{
	struct value *reasons = &tool->bad_reasons;
	const bool named = value_get(reasons, reason) || reasons->list.count < REASONS_MOST;
	const char *name = named ? reason : "other";
	const int64_t before = value_integer_or(value_get(reasons, name), 0);
	const char *kept = before ? name : arena_string(&tool->arena, name, strlen(name));

	if (!kept || value_set(reasons, kept, value_integer(before + 1), &tool->arena))
		return err_memory(&tool->err);
	return 0;
}

/* A reason may quote bytes of the record, and must be text for the stream's tail and a shard's JSON. */
static int count_reason(struct tool *tool, const char *reason)
{
	struct buf shown = { 0 };

	append_printable(&shown, span_string(reason));
	const char *text = buf_string(&shown);
	const int result = shown.failed ? err_memory(&tool->err) : count(tool, text);
	buf_free(&shown);
	return result;
}

static void name_record(struct tool *tool, struct span key, const char *reason, const char *action)
{
	tool_warn(tool, "%.*s: %s (%s)", span_shown(key, 512), key.size ? (const char *)key.data : "", reason, action);
}

int tool_keep_bad(struct tool *tool, struct span key, const char *reason)
{
	if (memory_failed())
		return err_memory(&tool->err);
	name_record(tool, key, reason, "kept");
	tool->kept++;
	return count_reason(tool, reason);
}

static bool is_too_many(const struct tool *tool, uint64_t of)
{
	const double share = tool->max_bad * (double)of, allowed = share < 1 && tool->max_bad > 0 ? 1 : share;

	return tool->max_bad < 1 && (double)tool->bad > allowed;
}

/* Compares with the announced number of records, so that the result does not depend on how far the reader is ahead.  The header may be
 * wrong, hence "announced" in the message. */
static int check_early(struct tool *tool)
{
	uint64_t announced;
	const bool known = stream_records(&tool->in, &announced);
	const uint64_t least = known ? announced : UNANNOUNCED_RECORDS;

	if (!is_too_many(tool, least > tool->in.records ? least : tool->in.records))
		return 0;
	if (known)
		return err_set(&tool->err, "%llu of the announced %llu records could not be used; --max-bad allows %g %%",
			(unsigned long long)tool->bad, (unsigned long long)announced, 100 * tool->max_bad);
	return err_set(&tool->err,
		"%llu records could not be used; --max-bad allows %g %% of all records (a stream counts as at least %d records)",
		(unsigned long long)tool->bad, 100 * tool->max_bad, UNANNOUNCED_RECORDS);
}

int tool_bad(struct tool *tool, struct span key, const char *reason)
{
	if (memory_failed()) /* the record may be fine */
		return err_memory(&tool->err);
	name_record(tool, key, reason, "dropped");
	tool->bad++;
	return count_reason(tool, reason) ? -1 : check_early(tool);
}

int tool_check_bad(struct tool *tool)
{
	if (tool->bad && tool->bad >= tool->in.records && tool->max_bad < 1)
		return err_set(
			&tool->err, "none of %llu records could be used (--max-bad 1 allows that)", (unsigned long long)tool->in.records);
	if (!is_too_many(tool, tool->in.records))
		return 0;
	return err_set(&tool->err, "%llu of %llu records could not be used; --max-bad allows %g %%", (unsigned long long)tool->bad,
		(unsigned long long)tool->in.records, 100 * tool->max_bad);
}
