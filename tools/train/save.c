#include "tools/train/run.h"

#include <string.h>

static void put(struct run *run, struct value *map, const char *name, struct value value)
{
	value_set(map, name, value, &run->tool.arena);
}

static void put_digest(struct run *run, struct value *map, const char *name, struct digest digest)
{
	char hex[33];

	digest_hex(digest, hex);
	put(run, map, name, value_string(arena_string(&run->tool.arena, hex, 32)));
}

/* What this run has read, and the model that it went on from. */
static void describe(struct run *run, struct value *entry)
{
	const struct stream_tail *tail = &run->tool.in.tail;
	const struct value *chain = value_get(&run->checkpoint.header, "prog");

	put(run, entry, "steps", value_integer((int64_t)run->trainer.step));
	if (run->feed.to_the_end) {
		put(run, entry, "records", value_integer((int64_t)tail->records));
		if (tail->bad.list.count)
			put(run, entry, "bad_before", tail->bad);
		if (run->tool.bad_reasons.list.count)
			put(run, entry, "bad", run->tool.bad_reasons);
		if (tail->has_digest)
			put_digest(run, entry, "digest", tail->digest);
		if (tail->progs.list.count)
			put(run, entry, "behind", tail->progs);
	}
	if (chain)
		put(run, entry, "model", *chain);
}

/* The chain of the stream, then this run. */
static int make_header(struct run *run, struct value *header)
{
	struct tool *tool = &run->tool;
	const struct value *chain = value_get(&tool->in.header, "prog");

	*header = value_map();
	put(run, header, "cc", value_integer(1));
	if (chain)
		put(run, header, "prog", *chain);
	if (tool_append_prog(tool, header))
		return -1;
	const struct value *progs = value_get(header, "prog");
	describe(run, &progs->list.items[progs->list.count - 1]);
	return tool->arena.failed ? err_memory(&tool->err) : 0;
}

static int save_head(struct run *run)
{
	struct err *err = &run->tool.err;
	char hex[33];

	digest_hex(run->checkpoint.digest, hex);
	struct classifier head = { .count = run->head.classes, .width = run->checkpoint.clip->config.embed_dim,
		.names = run->classes.names, .weights = run->head.weight.data, .bias = run->head.bias.data, .raw = true,
		.model = span_string(hex), .header = run->checkpoint.header };
	return classifier_write(&head, run->head_output.fd, err) || output_commit(&run->head_output, err) ? -1 : 0;
}

int run_save(struct run *run, struct err *err)
{
	struct tool *tool = &run->tool;
	struct value header;
	int status = make_header(run, &header);

	if (status == 0) {
		run->checkpoint.header = header;
		status = checkpoint_write(&run->checkpoint, tool->output.fd, &tool->err);
	}
	if (status == 0 && run->recipe->head)
		status = save_head(run);
	if (status) {
		err_add(&tool->err, "%s", tool->output_path);
		*err = tool->err;
	}
	return status;
}
