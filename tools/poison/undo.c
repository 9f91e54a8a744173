#include "tools/poison/undo.h"

#include "formats/text/json.h"
#include "formats/tar/record_digest.h"
#include "tools/cli/side_stream.h"

#include <inttypes.h>

/* What the ledger says the record was before any poisoning: that of the innermost one. */
static int original_digest(struct tool *tool, const struct field *ledger, struct arena *arena, struct digest *digest)
{
	struct value map;
	const struct value *first = &map, *before;

	if (json_read(ledger->bytes, &tool->limits, arena, &map, &tool->err))
		return err_add(&tool->err, "poison.json");
	while ((before = value_get(first, "before")))
		first = before;
	return digest_parse(digest, value_string_or(value_get(first, "digest"), ""))
		? err_set(&tool->err, "poison.json: no digest of the original in it")
		: 0;
}

static int restore(struct tool *tool, struct beside *originals, const struct record *record, const struct field *ledger, struct arena *arena)
{
	struct digest wanted, is;

	arena_reset(arena);
	if (original_digest(tool, ledger, arena, &wanted) || beside_find(originals, record->key, &tool->err) ||
		record_digest(&originals->record, &is, &tool->err))
		return -1;
	if (!digest_equal(wanted, is))
		return err_set(&tool->err, "%s has another record under this key: its digest is not the one in the ledger", originals->path);
	return stream_write(&tool->out, &originals->record, &tool->err);
}

static int copy(struct tool *tool, struct beside *originals, uint64_t *restored)
{
	struct arena arena = { 0 };
	struct record record = { 0 };
	int state;

	while ((state = tool_next(tool, &record)) > 0) {
		const struct field *ledger = state == STREAM_RECORD ? record_find(&record, "poison.json") : NULL;
		int status = state == STREAM_EPOCH ? stream_write_epoch(&tool->out, tool->in.epoch, &tool->err)
			: ledger ? restore(tool, originals, &record, ledger, &arena)
				 : stream_write(&tool->out, &record, &tool->err);
		*restored += ledger != NULL;
		if (status) {
			state = err_add(&tool->err, "%.*s", span_shown(record.key, 512), record.key.data);
			break;
		}
	}
	record_free(&record);
	arena_free(&arena);
	return state;
}

int undo(struct tool *tool, const char *path)
{
	struct beside originals = BESIDE_CLOSED;
	uint64_t restored = 0;
	int status = beside_open(&originals, path, &tool->limits, &tool->err);

	if (status == 0)
		status = copy(tool, &originals, &restored);
	beside_close(&originals);
	if (status == 0)
		tool_say(tool, "%" PRIu64 " records are as they were", restored);
	return status;
}
