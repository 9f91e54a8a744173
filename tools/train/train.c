#include "tools/train/run.h"

#include "nn/gemm.h"

#include <string.h>

/* "model.safetensors" -> "model.head.safetensors" */
static char *head_path(struct tool *tool)
{
	static const char suffix[] = ".safetensors";
	size_t size = strlen(tool->output_path), end = sizeof suffix - 1;
	bool cut = size > end && strcmp(tool->output_path + size - end, suffix) == 0;
	struct buf path = { 0 };

	buf_append(&path, tool->output_path, cut ? size - end : size);
	buf_append_string(&path, ".head");
	buf_append_string(&path, suffix);
	char *copy = path.failed ? NULL : arena_string(&tool->arena, path.data, path.size);
	buf_free(&path);
	return copy;
}

int run_open(struct run *run)
{
	struct tool *tool = &run->tool;
	struct err *err = &tool->err;

	gemm_init(); /* before there are threads */
	if (output_open(&tool->output, tool->output_path, err))
		return -1;
	if (run->recipe->head) {
		const char *path = head_path(tool);
		if (!path)
			return err_memory(err);
		if (output_open(&run->head_output, path, err))
			return -1;
	}
	run->pool = pool_new((size_t)tool->jobs, err);
	return run->pool ? 0 : -1;
}

static int next(void *context, const struct batch **batch, struct err *err)
{
	struct run *run = context;

	*batch = feed_next(&run->feed);
	if (*batch)
		return 1;
	if (feed_stop(&run->feed) == 0)
		return 0;
	*err = run->tool.err;
	return -1;
}

static int report(void *context, const struct step_report *step, struct err *err)
{
	struct run *run = context;

	return metrics_report(&run->metrics, step, err);
}

/* The stream's tail comes first: what was cut off leaves no model. */
static int finished(void *context, const struct clip *clip, const struct head *head, struct err *err)
{
	struct run *run = context;

	(void)clip;
	(void)head;
	if (feed_stop(&run->feed)) {
		*err = run->tool.err;
		return -1;
	}
	return run_save(run, err);
}

static void say_what_was_left(struct run *run)
{
	unsigned long long steps = run->trainer.step, planned = run->opt.how.steps;

	if (run->feed.surplus)
		tool_say(&run->tool, "%llu more batches came than the stream's header had promised, and were not used: give --steps",
			(unsigned long long)run->feed.surplus);
	else if (steps < planned)
		tool_say(&run->tool, "the schedule ended after %llu of %llu steps: fewer records came than it was made for", steps,
			planned);
}

int run_train(struct run *run)
{
	struct tool *tool = &run->tool;
	struct head *head = run->recipe->head ? &run->head : NULL;
	const struct training training = { next, report, finished, run };
	struct err err;

	run->feed.tool = tool;
	run->feed.recipe = run->recipe;
	run->feed.checkpoint = &run->checkpoint;
	run->feed.classes = run->classes.count;
	run->feed.batches = run->opt.how.steps;
	run->metrics = (struct metrics){ .feed = &run->feed, .every = run->opt.log, .steps = run->opt.how.steps,
		.batch = run->opt.how.batch, .start = seconds_now() };
	if (trainer_init(&run->trainer, run->recipe, &run->opt.how, run->checkpoint.clip, head, run->pool, &tool->err) ||
		feed_start(&run->feed, (size_t)run->opt.how.batch, &tool->err))
		return -1;
	int status = trainer_run(&run->trainer, &training, &err);
	if (status == 0)
		say_what_was_left(run);
	feed_stop(&run->feed);
	if (status)
		tool->err = err;
	return status;
}

void run_free(struct run *run)
{
	output_discard(&run->head_output);
	trainer_free(&run->trainer);
	metrics_free(&run->metrics);
	head_free(&run->head);
	classifier_free(&run->classes);
	checkpoint_free(&run->checkpoint);
	pool_free(run->pool);
}
