#include "tools/train/run.h"

#include <string.h>

/* A failure is found in the arena, by tool_append_prog. */
static void put(struct run *run, struct value *map, const char *name, struct value value)
{
	if (name)
		value_set(map, name, value, &run->tool.arena);
}

static void put_digest(struct run *run, struct value *map, const char *name, struct digest digest)
{
	char *hex = arena_zeroed(&run->tool.arena, 1, 33);

	if (!hex)
		return;
	digest_hex(digest, hex);
	put(run, map, name, value_string(hex));
}

/* What was read, as the stream's tail says; a run that was told its --steps has not seen the tail. */
static struct value data_of(struct run *run)
{
	const struct stream_tail *tail = &run->tool.in.tail;
	struct value data = value_map();

	put(run, &data, "steps", value_integer((int64_t)run->trainer.step));
	if (!run->feed.to_the_end)
		return data;
	put(run, &data, "records", value_integer((int64_t)tail->records));
	if (tail->has_digest)
		put_digest(run, &data, "digest", tail->digest);
	if (tail->bad.list.count)
		put(run, &data, "bad_before", tail->bad);
	if (run->tool.bad_reasons.list.count)
		put(run, &data, "bad", run->tool.bad_reasons);
	if (tail->progs.list.count)
		put(run, &data, "behind", tail->progs);
	return data;
}

/* The model that it went on from, and how that was made. */
static struct value model_of(struct run *run)
{
	const struct value *old = &run->checkpoint.header;
	struct value model = value_map();

	put_digest(run, &model, "digest", run->checkpoint.digest);
	for (size_t i = 0; i < old->list.count; i++) {
		struct span name = old->list.items[2 * i].string;
		put(run, &model, arena_string(&run->tool.arena, name.data, name.size), old->list.items[2 * i + 1]);
	}
	return model;
}

/* The chain of the stream and then this run; beside it what they worked on. */
static int make_header(struct run *run, struct value *header)
{
	struct tool *tool = &run->tool;
	const struct value *chain = value_get(&tool->in.header, "prog");

	*header = value_map();
	put(run, header, "cc", value_integer(1));
	if (run->opt.model)
		put(run, header, "model", model_of(run));
	put(run, header, "data", data_of(run));
	if (chain)
		put(run, header, "prog", *chain);
	return tool_append_prog(tool, header);
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
