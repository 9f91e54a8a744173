#include "tools/train/run.h"

#include "nn/gemm.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* What goes with the model, and what a state is compared with.  The feed's thread changes the stream's header. */
static int remember_chain(struct run *run)
{
	struct tool *tool = &run->tool;
	const struct value *prog = value_get(&tool->in.header, "prog");

	run->model_header = run->checkpoint.header;
	run->model_digest = run->checkpoint.digest;
	run->command = tool_prog(tool);
	run->chain = value_map();
	if (prog)
		value_set(&run->chain, "prog", *prog, &tool->arena);
	if (tool_append_prog(tool, &run->chain) || value_copy(&run->stream, &tool->in.header, &tool->arena))
		return err_memory(&tool->err);
	return 0;
}

static int open_head(struct run *run)
{
	const char *path = head_path(&run->tool);
	struct err *err = &run->tool.err;

	if (!path)
		return err_memory(err);
	return output_open(&run->head_output, path, FILE_CHECKPOINT, err) ||
			       output_reserve(&run->head_output, tensor_size(&run->head.weight) * sizeof(float), err)
		       ? -1
		       : 0;
}

/* Signals are blocked before there are threads, and so is BLIS set up. */
int run_open(struct run *run)
{
	struct tool *tool = &run->tool;
	struct err *err = &tool->err;

	gemm_init();
	if (remember_chain(run) || run_open_state(run) || tool_output(tool, FILE_CHECKPOINT) ||
		output_reserve(&tool->output, checkpoint_size(&run->checkpoint), err))
		return -1;
	if (run->recipe->head && open_head(run))
		return -1;
	signals_block(&run->signals);
	run->pool = pool_new((size_t)tool->jobs, err);
	return run->pool ? 0 : -1;
}

/* The next batch; NULL: the stream has ended. */
static const struct batch *wait_for_batch(struct run *run)
{
	const struct batch *batch;

	do {
		run_serve_signals(run);
		batch = feed_next(&run->feed);
	} while (!batch && !feed_ended(&run->feed));
	return batch;
}

static int next(void *context, const struct batch **batch, struct err *err)
{
	struct run *run = context;

	*batch = run->batch = wait_for_batch(run);
	if (*batch)
		return place_copy(&run->next_place, feed_place(&run->feed, *batch), err) ? -1 : 1;
	if (feed_stop(&run->feed) == 0)
		return 0;
	*err = run->tool.err;
	run_keep_failed(run);
	return -1;
}

static void tell_memory(struct run *run)
{
	const struct parameters *set = &run->checkpoint.clip->parameters;

	pthread_mutex_lock(&run->feed.lock);
	tool_say(&run->tool, "memory: %.1f MB for a step, %.1f MB for the model with its gradients and moments",
		1e-6 * (double)run->trainer.arena.peak, 4e-6 * (double)(set->floats + 3 * set->grad_floats));
	pthread_mutex_unlock(&run->feed.lock);
}

static void warn_of_no_gradient(struct run *run, const struct step_report *step)
{
	if (step->gradient_norm > 0 || run->no_gradient)
		return;
	run->no_gradient = true;
	pthread_mutex_lock(&run->feed.lock);
	tool_warn(&run->tool, "step %llu: all gradients are 0, so nothing is learnt from such a batch", (unsigned long long)step->step);
	pthread_mutex_unlock(&run->feed.lock);
}

static int report(void *context, const struct step_report *step, struct err *err)
{
	struct run *run = context;

	if (memory_failed()) /* the step may be wrong, and the model could not be written */
		return err_memory(err);
	for (size_t i = 0; run->recipe->known && i < run->batch->count; i++)
		run->known_pairs += run->batch->known[i];
	warn_of_no_gradient(run, step);
	if (step->cosines && exclusions_add(&run->exclusions, run->batch, step->cosines, err))
		return -1;
	if (place_copy(&run->place, &run->next_place, err) || metrics_report(&run->metrics, step, err))
		return -1;
	if (run->tool.verbose && step->step == run->metrics.first + 1)
		tell_memory(run);
	run_keep_step(run);
	return 0;
}

/* A header's numbers are advisory: a filter may have dropped records.  But with epochs missing, or a tenth of the steps, the
 * learning rate has not fallen, and what there is was not trained. */
static int check_schedule(const struct run *run, struct err *err)
{
	const unsigned long long steps = run->trainer.step, planned = run->opt.how.steps;
	const unsigned long long epochs = stream_epochs(&run->tool.in), came = run->tool.in.epoch + 1;

	if (!run->feed.to_the_end || steps >= planned)
		return 0;
	if (came < epochs)
		return err_set(err, "the stream's header announces %llu epochs, and %llu came: give --steps", epochs, came);
	if (steps < planned / 10)
		return err_set(err, "the stream's header announces %llu steps, and %llu came: give --steps", planned, steps);
	return 0;
}

/* The stream's tail comes first: what was cut off leaves no model. */
static int finished(void *context, const struct clip *clip, const struct head *head, struct err *err)
{
	struct run *run = context;

	(void)clip;
	(void)head;
	wait_for_batch(run);
	if (feed_stop(&run->feed)) {
		*err = run->tool.err;
		run_keep_failed(run);
		return -1;
	}
	return check_schedule(run, err) ? -1 : run_save(run, err);
}

static void say_what_was_left(struct run *run)
{
	static const char less[] = "the schedule ended after %llu of %llu steps: fewer records came than it was made for";
	unsigned long long steps = run->trainer.step, planned = run->opt.how.steps;

	if (run->feed.surplus)
		tool_say(&run->tool, "%llu more batches came than the stream's header had promised, and were not used: give --steps",
			(unsigned long long)run->feed.surplus);
	else if (steps < planned && run->feed.to_the_end && planned - steps > run->tool.bad)
		tool_warn(&run->tool, less, steps, planned);
	else if (steps < planned) /* --steps were too many, or bad records were named */
		tool_say(&run->tool, less, steps, planned);
}

static void say_what_was_missing(struct run *run)
{
	if (run->recipe->known && run->known_pairs == 0)
		tool_warn(&run->tool, "nothing was unlearnt: no record %s",
			run->opt.keys ? "is listed in --keys" : "has a poison.json (--keys FILE lists known pairs)");
}

static void set_feed(struct run *run)
{
	run->feed.tool = &run->tool;
	run->feed.how = (struct record_batch){
		.recipe = run->recipe, .bpe = &run->checkpoint.bpe, .classes = run->classes.count, .seed = run->tool.seed
	};
	run->feed.how.known = run->opt.keys ? &run->known : NULL;
	run->feed.exclusions = run->recipe->end_of_epoch ? &run->exclusions : NULL;
	run->feed.batches = run->opt.how.steps;
}

static int set_metrics(struct run *run)
{
	run->metrics = (struct metrics){
		.feed = &run->feed, .every = run->opt.log, .steps = run->opt.how.steps, .batch = run->opt.how.batch, .start = seconds_now()
	};
	return run->opt.resume ? metrics_resume(&run->metrics, &run->tool.err) : 0;
}

/* While the feed's thread runs, tool->err is the thread's. */
static int start_threads(struct run *run, const struct batch_shape *shape)
{
	struct err err;

	if (feed_start(&run->feed, shape, &run->tool.err))
		return -1;
	if (signals_start(&run->signals, &run->feed.queue.ring, &err) == 0)
		return 0;
	feed_stop(&run->feed);
	run->tool.err = err;
	return -1;
}

static int start(struct run *run)
{
	const struct clip_config *config = &run->checkpoint.clip->config;
	struct batch_shape shape = { .records = (size_t)run->opt.how.batch,
		.views = run->recipe->views,
		.image_size = config->vision.image_size,
		.context = run->recipe->texts ? config->text.context_length : 0 };
	struct head *head = run->recipe->head ? &run->head : NULL;
	struct err *err = &run->tool.err;

	set_feed(run);
	if (run_find_room(run, &shape) || set_metrics(run) ||
		trainer_init(&run->trainer, run->recipe, &run->opt.how, run->checkpoint.clip, head, run->pool, err) || run_resume(run))
		return -1;
	run->trainer.arena.most = run->memory;
	return start_threads(run, &shape);
}

int run_train(struct run *run)
{
	const struct training training = { next, report, finished, run };
	struct err err;

	if (start(run))
		return -1;
	int status = trainer_run(&run->trainer, &training, &err);
	if (status == 0) {
		say_what_was_left(run);
		say_what_was_missing(run);
	} else
		run_say_kept(run);
	feed_stop(&run->feed);
	if (status)
		run->tool.err = err;
	return status;
}

void run_free(struct run *run)
{
	signals_stop(&run->signals);
	feed_free(&run->feed);
	free(run->state_path);
	output_discard(&run->head_output);
	output_discard(&run->next_state);
	trainer_free(&run->trainer);
	metrics_free(&run->metrics);
	head_free(&run->head);
	map_free(&run->known);
	exclusions_free(&run->exclusions);
	classifier_free(&run->classes);
	checkpoint_free(&run->checkpoint);
	place_free(&run->place);
	place_free(&run->next_place);
	pool_free(run->pool);
}
