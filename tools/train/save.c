#include "tools/train/run.h"

#include "formats/text/json.h"

#include <string.h>

/* Without memory arena->failed is set; callers check it once. */
static void put(struct arena *arena, struct value *map, const char *name, struct value value)
{
	if (name)
		value_set(map, name, value, arena);
}

static void put_digest(struct arena *arena, struct value *map, const char *name, struct digest digest)
{
	char *hex = arena_zeroed(arena, 1, 33);

	if (!hex)
		return;
	digest_hex(digest, hex);
	put(arena, map, name, value_string(hex));
}

static void put_bad(struct arena *arena, struct value *map, const struct place *place)
{
	struct limits limits = LIMITS_DEFAULT;
	struct value reasons;
	struct err err;

	if (place->bad && json_read(buf_span(&place->reasons), &limits, arena, &reasons, &err) == 0)
		put(arena, map, "bad", reasons);
}

/* The records up to the last batch: the stream was not read to its tail, which holds its digest. */
static void put_part(const struct run *run, struct arena *arena, struct value *data)
{
	put(arena, data, "records", value_integer((int64_t)run->place.records));
	put(arena, data, "partial", value_bool(true));
	put_digest(arena, data, "digest_of_part", run->place.digest);
	put_bad(arena, data, &run->place);
}

/* Pairs removed from later epochs, and how many of them have a ledger. */
static void put_left_out(const struct run *run, struct arena *arena, struct value *data)
{
	struct value left = value_map();

	put(arena, &left, "pairs", value_integer((int64_t)(run->exclusions.keys.size / sizeof(uint64_t))));
	put(arena, &left, "poisoned", value_integer((int64_t)run->exclusions.poisoned));
	put(arena, data, "left_out", left);
}

static void put_whole(struct run *run, struct arena *arena, struct value *data)
{
	const struct stream_tail *tail = &run->tool.in.tail;

	put(arena, data, "records", value_integer((int64_t)tail->records));
	if (tail->has_digest)
		put_digest(arena, data, "digest", tail->digest);
	if (tail->bad.list.count)
		put(arena, data, "bad_before", tail->bad);
	if (run->tool.bad_reasons.list.count)
		put(arena, data, "bad", run->tool.bad_reasons);
	if (tail->progs.list.count)
		put(arena, data, "behind", tail->progs);
	if (run->recipe->end_of_epoch)
		put_left_out(run, arena, data);
}

/* The model given with -m: its digest and its own provenance. */
static struct value model_of(struct run *run, struct arena *arena)
{
	const struct value *old = &run->model_header;
	struct value model = value_map();

	put_digest(arena, &model, "digest", run->model_digest);
	for (size_t i = 0; i < old->list.count; i++) {
		struct span name = old->list.items[2 * i].string;
		put(arena, &model, arena_string(arena, name.data, name.size), old->list.items[2 * i + 1]);
	}
	return model;
}

int run_header(struct run *run, bool whole, struct arena *arena, struct value *header, struct err *err)
{
	const struct value *chain = value_get(&run->chain, "prog");
	struct value data = value_map();

	put(arena, &data, "steps", value_integer((int64_t)run->trainer.step));
	if (whole)
		put_whole(run, arena, &data);
	else
		put_part(run, arena, &data);
	*header = value_map();
	put(arena, header, "cc", value_integer(1));
	if (run->opt.model)
		put(arena, header, "model", model_of(run, arena));
	if (run->templates.kind == VALUE_ARRAY && !(run->tool.in.styles_differ && !value_get(&run->model_header, "templates")))
		put(arena, header, "templates", run->templates);
	put(arena, header, "data", data);
	put(arena, header, "prog", *chain);
	return arena->failed ? err_memory(err) : 0;
}

static int save_head(struct run *run)
{
	struct err *err = &run->tool.err;
	char hex[33];

	digest_hex(run->checkpoint.digest, hex);
	struct classifier head = { .count = run->head.classes,
		.width = run->checkpoint.clip->config.embed_dim,
		.names = run->classes.names,
		.weights = run->head.weight.data,
		.bias = run->head.bias.data,
		.raw = true,
		.model = span_string(hex),
		.header = run->checkpoint.header };
	return classifier_write(&head, run->head_output.fd, err) || output_commit(&run->head_output, err) ? -1 : 0;
}

int run_save(struct run *run, struct err *err)
{
	struct tool *tool = &run->tool;
	int status = run_header(run, run->feed.at_tail, &tool->arena, &run->checkpoint.header, &tool->err);

	if (status == 0)
		status = checkpoint_write(&run->checkpoint, tool->output.fd, &tool->err);
	if (status == 0 && run->recipe->head)
		status = save_head(run);
	if (status) {
		err_add(&tool->err, "%s", tool->output_path);
		*err = tool->err;
	}
	return status;
}
