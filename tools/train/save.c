/* The files of a run: the model at the end, its state before, and resuming from a state. */
#include "tools/train/run.h"

#include "formats/text/json.h"
#include "formats/training/state.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static bool states_requested(const struct run *run)
{
	return run->opt.save_every || run->opt.resume;
}

static struct state state_of(struct run *run)
{
	return (struct state){ .command = &run->command,
		.stream = &run->stream,
		.checkpoint = &run->checkpoint,
		.trainer = &run->trainer,
		.exclusions = run->feed.exclusions,
		.place = run->place };
}

/* FILE.state; no state if FILE exists and is not a regular file. */
static int find_path(struct run *run)
{
	struct tool *tool = &run->tool;
	struct stat about;
	struct buf path = { 0 };

	if (stat(tool->output_path, &about) == 0 && !S_ISREG(about.st_mode))
		return states_requested(run)
			       ? tool_usage(tool, "--save-every and --resume need a regular file as -o: the state is written next to it")
			       : 0;
	buf_append_string(&path, tool->output_path);
	buf_append_string(&path, ".state");
	run->state_path = path.failed ? NULL : span_copy_string(buf_span(&path));
	buf_free(&path);
	return run->state_path ? 0 : err_memory(&tool->err);
}

int run_open_state(struct run *run)
{
	if (find_path(run))
		return -1;
	if (run->state_path && !run->opt.resume && access(run->state_path, F_OK) == 0)
		return err_set(&run->tool.err, "%s: left by an unfinished run; continue it with --resume, or remove the file to start over",
			run->state_path);
	return 0;
}

/* Opens the next state and allocates its disk space while the previous state still exists. */
static int reserve_state(struct run *run, struct err *err)
{
	struct state state = state_of(run);

	if (run->next_state.fd >= 0)
		return 0;
	if (output_open(&run->next_state, run->state_path, FILE_CHECKPOINT, err))
		return -1;
	if (output_reserve(&run->next_state, state_size(&state), err) == 0)
		return 0;
	output_discard(&run->next_state);
	return -1;
}

static int write_state(struct run *run, struct err *err)
{
	struct state state = state_of(run);
	struct arena arena = { 0 };
	struct checkpoint checkpoint = run->checkpoint;
	int status = reserve_state(run, err) || run_header(run, false, &arena, &checkpoint.header, err);

	state.checkpoint = &checkpoint;
	if (status == 0 && state_write(&state, run->next_state.fd, err))
		status = err_add(err, "%s", run->state_path);
	if (status == 0)
		status = output_commit(&run->next_state, err);
	output_discard(&run->next_state);
	arena_free(&arena);
	return status;
}

/* A state that cannot be written does not end the run: the next one may succeed. */
static void save_state(struct run *run)
{
	struct tool *tool = &run->tool;
	uint64_t step = run->trainer.step;
	struct err err;

	if (!run->state_path || step == run->saved_step)
		return;
	int status = write_state(run, &err);
	pthread_mutex_lock(&run->feed.lock);
	if (status == 0) {
		run->saved_step = step;
		if (tool->verbose)
			tool_say(tool, "%s: state of step %llu written", run->state_path, (unsigned long long)step);
		if (states_requested(run) && reserve_state(run, &err))
			tool_warn(tool, "%s: the next state may not fit on the disk", err.text);
	} else if (run->saved_step) {
		tool_warn(tool, "%s: the state of step %llu was not written; that of step %llu still exists", err.text,
			(unsigned long long)step, (unsigned long long)run->saved_step);
	} else {
		tool_warn(tool, "%s: the state of step %llu was not written", err.text, (unsigned long long)step);
	}
	pthread_mutex_unlock(&run->feed.lock);
}

void run_report_state(struct run *run)
{
	if (run->saved_step)
		tool_say(&run->tool, "the state of step %llu is in %s; the same command with --resume continues from it",
			(unsigned long long)run->saved_step, run->state_path);
}

static void terminate(struct run *run, int signal)
{
	save_state(run);
	pthread_mutex_lock(&run->feed.lock);
	run_report_state(run);
	progress_clear(&run->tool.progress);
	output_discard(&run->tool.output);
	output_discard(&run->head_output);
	output_discard(&run->next_state);
	signals_die(signal);
}

void run_handle_signals(struct run *run)
{
	if (signals_save_requested(&run->signals))
		save_state(run);
	int signal = signals_termination(&run->signals);
	if (signal)
		terminate(run, signal);
}

void run_save_state_if_due(struct run *run)
{
	uint64_t step = run->trainer.step, every = run->opt.save_every;

	if (every && step % every == 0 && step < run->opt.train.steps)
		save_state(run);
}

void run_save_state_on_error(struct run *run)
{
	if (states_requested(run))
		save_state(run);
}

int run_resume(struct run *run)
{
	struct tool *tool = &run->tool;
	struct state state = state_of(run);

	if (!states_requested(run))
		return 0;
	output_clean(run->state_path);
	int found = run->opt.resume ? state_read(&state, run->state_path, &tool->err) : 0;
	run->place = state.place;
	if (found < 0 || reserve_state(run, &tool->err))
		return -1;
	if (!found)
		return 0;
	run->saved_step = run->feed.filled = run->metrics.first = run->trainer.step;
	tool_say(tool, "resuming after step %llu; skipping %llu records that were already used", (unsigned long long)run->saved_step,
		(unsigned long long)run->place.records);
	return place_copy(&run->feed.from, &run->place, &tool->err);
}

void run_remove_state(struct run *run)
{
	if (run->state_path)
		unlink(run->state_path);
}
