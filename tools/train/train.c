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

/* Copies the provenance for the model and the state, because the feed's thread changes the stream's header. */
static int copy_provenance(struct run *run)
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

/* Signals are blocked and BLIS is set up before any thread starts. */
int run_open(struct run *run)
{
	struct tool *tool = &run->tool;
	struct err *err = &tool->err;

	gemm_init();
	if (copy_provenance(run) || run_open_state(run) || tool_output(tool, FILE_CHECKPOINT) ||
		output_reserve(&tool->output, checkpoint_size(&run->checkpoint), err))
		return -1;
	if (run->recipe->head && open_head(run))
		return -1;
	signals_block(&run->signals);
	run->pool = pool_new((size_t)tool->jobs, err);
	return run->pool ? 0 : -1;
}

/* NULL: the stream has ended. */
static const struct batch *wait_for_batch(struct run *run)
{
	const struct batch *batch;

	do {
		run_handle_signals(run);
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
	run_save_state_on_error(run);
	return -1;
}

static void report_memory(struct run *run)
{
	const struct parameters *set = &run->checkpoint.clip->parameters;

	pthread_mutex_lock(&run->feed.lock);
	tool_say(&run->tool, "memory: %.1f MB per step, %.1f MB for the model, its gradients and the optimiser's moments",
		1e-6 * (double)run->trainer.arena.peak, 4e-6 * (double)(set->floats + 3 * set->grad_floats));
	pthread_mutex_unlock(&run->feed.lock);
}

static void warn_of_no_gradient(struct run *run, const struct step_report *step)
{
	if (step->gradient_norm > 0 || run->no_gradient)
		return;
	run->no_gradient = true;
	pthread_mutex_lock(&run->feed.lock);
	tool_warn(&run->tool, "step %llu: all gradients are 0, so this batch changes nothing", (unsigned long long)step->step);
	pthread_mutex_unlock(&run->feed.lock);
}

static int report(void *context, const struct step_report *step, struct err *err)
{
	struct run *run = context;

	if (memory_failed()) /* the step's result may be wrong */
		return err_memory(err);
	for (size_t i = 0; run->recipe->known && i < run->batch->count; i++)
		run->known_pairs += run->batch->known[i];
	warn_of_no_gradient(run, step);
	if (step->cosines && exclusions_add(&run->exclusions, run->batch, step->cosines, err))
		return -1;
	if (place_copy(&run->place, &run->next_place, err) || metrics_report(&run->metrics, step, err))
		return -1;
	if (run->tool.verbose && step->step == run->metrics.first + 1)
		report_memory(run);
	run_save_state_if_due(run);
	return 0;
}

/* The header's counts are advisory: a filter may have dropped records.  But if epochs are missing, or less than a tenth of the
 * steps was made, the learning rate has not fallen and the model is not trained. */
static int check_schedule(const struct run *run, struct err *err)
{
	const unsigned long long steps = run->trainer.step, planned = run->opt.train.steps;
	const unsigned long long epochs = stream_epochs(&run->tool.in), found = run->tool.in.epoch + 1;

	if (!run->feed.read_to_tail || steps >= planned)
		return 0;
	if (found < epochs)
		return err_set(err, "the stream's header announces %llu epochs, but it has %llu; give --steps", epochs, found);
	if (steps < planned / 10)
		return err_set(err, "the stream's header announces records for %llu steps, but there were enough for %llu; give --steps",
			planned, steps);
	return 0;
}

/* Waits for the stream's tail: a truncated stream leaves no model. */
static int finished(void *context, const struct clip *clip, const struct head *head, struct err *err)
{
	struct run *run = context;

	(void)clip;
	(void)head;
	wait_for_batch(run);
	if (feed_stop(&run->feed)) {
		*err = run->tool.err;
		run_save_state_on_error(run);
		return -1;
	}
	return check_schedule(run, err) ? -1 : run_save(run, err);
}

static void report_unused(struct run *run)
{
	static const char less[] = "the stream ended after %llu of %llu steps, so the learning rate did not fall to 0";
	unsigned long long steps = run->trainer.step, planned = run->opt.train.steps;

	if (run->feed.surplus)
		tool_say(&run->tool, "%llu batches more than the stream's header announced were not used; give --steps",
			(unsigned long long)run->feed.surplus);
	else if (steps < planned && run->feed.read_to_tail && planned - steps > run->tool.bad)
		tool_warn(&run->tool, less, steps, planned);
	else if (steps < planned) /* --steps was too large, or bad records were reported */
		tool_say(&run->tool, less, steps, planned);
}

static void warn_nothing_unlearnt(struct run *run)
{
	if (run->recipe->known && run->known_pairs == 0)
		tool_warn(&run->tool, "nothing was unlearnt: no record %s",
			run->opt.keys ? "is listed in --keys" : "has a poison.json; list the poisoned pairs with --keys FILE");
}

static void set_feed(struct run *run)
{
	run->feed.tool = &run->tool;
	run->feed.packer = (struct record_batch){
		.recipe = run->recipe, .bpe = &run->checkpoint.bpe, .classes = run->classes.count, .seed = run->tool.seed
	};
	run->feed.packer.known = run->opt.keys ? &run->known : NULL;
	run->feed.exclusions = run->recipe->end_of_epoch ? &run->exclusions : NULL;
	run->feed.batches = run->opt.train.steps;
}

static int set_metrics(struct run *run)
{
	run->metrics = (struct metrics){ .feed = &run->feed,
		.every = run->opt.log,
		.steps = run->opt.train.steps,
		.batch = run->opt.train.batch,
		.start = seconds_now() };
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
	struct batch_shape shape = { .records = (size_t)run->opt.train.batch,
		.views = run->recipe->views,
		.image_size = config->vision.image_size,
		.context = run->recipe->texts ? config->text.context_length : 0 };
	struct head *head = run->recipe->head ? &run->head : NULL;
	struct err *err = &run->tool.err;

	set_feed(run);
	if (run_check_memory(run, &shape) || set_metrics(run) ||
		trainer_init(&run->trainer, run->recipe, &run->opt.train, run->checkpoint.clip, head, run->pool, err) || run_resume(run))
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
		report_unused(run);
		warn_nothing_unlearnt(run);
	} else
		run_report_state(run);
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
