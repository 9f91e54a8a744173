/* When a run's state is written, and when it goes on from one. */
#include "tools/train/run.h"

#include "formats/training/state.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_wanted(const struct run *run)
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

/* FILE.state; none where FILE is no regular file. */
static int find_path(struct run *run)
{
	struct tool *tool = &run->tool;
	struct stat about;
	struct buf path = { 0 };

	if (stat(tool->output_path, &about) == 0 && !S_ISREG(about.st_mode))
		return is_wanted(run) ? tool_usage(tool, "--save-every and --resume need a file as -o: the state lies beside it") : 0;
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
		return err_set(&run->tool.err,
			"%s: is there, of a run that did not end: go on with it by --resume, or remove it to begin "
			"anew",
			run->state_path);
	return 0;
}

/* While one state is on the disk there is room for the next one already. */
static int make_room(struct run *run, struct err *err)
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
	int status = make_room(run, err) || run_header(run, false, &arena, &checkpoint.header, err);

	state.checkpoint = &checkpoint;
	if (status == 0 && state_write(&state, run->next_state.fd, err))
		status = err_add(err, "%s", run->state_path);
	if (status == 0)
		status = output_commit(&run->next_state, err);
	output_discard(&run->next_state);
	arena_free(&arena);
	return status;
}

/* What cannot be kept costs nothing yet: the run goes on, and the next time may do. */
static void keep(struct run *run)
{
	struct tool *tool = &run->tool;
	uint64_t step = run->trainer.step;
	struct err err;

	if (!run->state_path || step == run->kept)
		return;
	int status = write_state(run, &err);
	pthread_mutex_lock(&run->feed.lock);
	if (status == 0) {
		run->kept = step;
		if (tool->verbose)
			tool_say(tool, "%s: step %llu", run->state_path, (unsigned long long)step);
		if (is_wanted(run) && make_room(run, &err))
			tool_warn(tool, "%s: there may be no room for the next state", err.text);
	} else if (run->kept) {
		tool_warn(tool, "%s: step %llu was not kept; the state of step %llu is still there", err.text, (unsigned long long)step,
			(unsigned long long)run->kept);
	} else {
		tool_warn(tool, "%s: step %llu was not kept", err.text, (unsigned long long)step);
	}
	pthread_mutex_unlock(&run->feed.lock);
}

void run_say_kept(struct run *run)
{
	if (run->kept)
		tool_say(&run->tool, "the state of step %llu is in %s: the same command with --resume goes on from there",
			(unsigned long long)run->kept, run->state_path);
}

static void end_by(struct run *run, int signal)
{
	keep(run);
	pthread_mutex_lock(&run->feed.lock);
	run_say_kept(run);
	progress_clear(&run->tool.progress);
	output_discard(&run->tool.output);
	output_discard(&run->head_output);
	output_discard(&run->next_state);
	signals_die(signal);
}

void run_serve_signals(struct run *run)
{
	if (signals_asked(&run->signals))
		keep(run);
	int signal = signals_ending(&run->signals);
	if (signal)
		end_by(run, signal);
}

void run_keep_step(struct run *run)
{
	uint64_t step = run->trainer.step, every = run->opt.save_every;

	if (every && step % every == 0 && step < run->opt.how.steps)
		keep(run);
}

void run_keep_failed(struct run *run)
{
	if (is_wanted(run))
		keep(run);
}

int run_resume(struct run *run)
{
	struct tool *tool = &run->tool;
	struct state state = state_of(run);

	if (!is_wanted(run))
		return 0;
	output_clean(run->state_path);
	int found = run->opt.resume ? state_read(&state, run->state_path, &tool->err) : 0;
	run->place = state.place;
	if (found < 0 || make_room(run, &tool->err))
		return -1;
	if (!found)
		return 0;
	run->kept = run->feed.filled = run->metrics.first = run->trainer.step;
	tool_say(tool, "goes on after step %llu; %llu records are read again and thrown away", (unsigned long long)run->kept,
		(unsigned long long)run->place.records);
	return place_copy(&run->feed.from, &run->place, &tool->err);
}

void run_close_state(struct run *run)
{
	if (run->state_path)
		unlink(run->state_path);
}
