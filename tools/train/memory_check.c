#include "train/cost.h"
#include "tools/cli/machine.h"
#include "tools/train/run.h"

#include <stdio.h>

enum { SHORTEST_CAPTION = 2 /* tokens: begin and end */ };

static size_t count_trained(const struct run *run)
{
	const struct parameters *set = &run->checkpoint.clip->parameters;
	unsigned parts = run->recipe->parts & ~run->opt.train.frozen;
	size_t count = 0;

	for (size_t i = 0; i < set->count; i++)
		if (!set->items[i].statistic && (set->items[i].part & parts))
			count += tensor_size(set->items[i].tensor);
	return count;
}

static int refuse(struct run *run, uint64_t trained, uint64_t reference, uint64_t batches, uint64_t left)
{
	char more[64] = "";

	if (reference)
		snprintf(more, sizeof more, "the reference model %.2f GB, ", 1e-9 * (double)reference);
	return err_set(&run->tool.err,
		"not enough memory: gradients and moments take %.2f GB, %s%d queued batches %.2f GB; %.2f GB are free",
		1e-9 * (double)trained, more, BATCH_QUEUE, 1e-9 * (double)batches, 1e-9 * (double)left);
}

/* Sets run->memory to what remains for a step after gradients, two moments, the reference model and queued batches; 0: the free
 * memory is unknown. */
static int find_memory(struct run *run, const struct batch_shape *shape)
{
	uint64_t left = memory_free(), trained = 3 * sizeof(float) * count_trained(run);
	const uint64_t reference = cost_of_reference(run->recipe, &run->checkpoint.clip->parameters);
	size_t batch;

	if (batch_bytes(shape, &batch, &run->tool.err))
		return -1;
	uint64_t batches = batch > UINT64_MAX / 2 / BATCH_QUEUE ? UINT64_MAX / 2 : (uint64_t)batch * BATCH_QUEUE;
	if (left == UINT64_MAX)
		return 0;
	if (trained + reference + batches >= left)
		return refuse(run, trained, reference, batches, left);
	run->memory = (size_t)(left - trained - reference - batches);
	return 0;
}

static struct cost_step step_of(const struct run *run, size_t length)
{
	const struct train_options *train = &run->opt.train;

	return (struct cost_step){ .recipe = run->recipe,
		.records = (size_t)train->batch,
		.pieces = train->accumulate ? (size_t)train->accumulate : 1,
		.length = length,
		.recompute = train->recompute,
		.frozen_bn = train->frozen_bn,
		.frozen = train->frozen };
}

/* Fails with a suggestion: --recompute, then --accumulate with an increasing number of pieces. */
static int suggest(struct run *run, struct cost_step step, size_t bytes)
{
	const double needed = 1e-9 * (double)bytes, left = 1e-9 * (double)run->memory;
	const struct clip_config *config = &run->checkpoint.clip->config;
	struct err *err = &run->tool.err;

	step.recompute = true;
	for (; step.records % step.pieces == 0; step.pieces *= 2) {
		if (cost_of_step(config, &step, &bytes, err))
			return -1;
		if (bytes > run->memory)
			continue;
		if (step.pieces == 1)
			return err_set(err,
				"not enough memory: a step of %zu records takes at least %.2f GB and %.2f GB are free; with --recompute it takes %.2f GB",
				step.records, needed, left, 1e-9 * (double)bytes);
		return err_set(err,
			"not enough memory: a step of %zu records takes at least %.2f GB and %.2f GB are free; with --recompute --accumulate %zu "
			"it takes %.2f GB",
			step.records, needed, left, step.pieces, 1e-9 * (double)bytes);
	}
	return err_set(err, "not enough memory: a step of %zu records takes at least %.2f GB and %.2f GB are free; use a smaller --batch",
		step.records, needed, left);
}

/* Tries the shortest captions, then the longest: an error if even the former do not fit, a note if the latter may not. */
int run_check_memory(struct run *run, const struct batch_shape *shape)
{
	const struct clip_config *config = &run->checkpoint.clip->config;
	struct cost_step step = step_of(run, SHORTEST_CAPTION);
	size_t least, most;

	if (find_memory(run, shape))
		return -1;
	if (!run->memory || !(count_trained(run) || run->recipe->head)) /* nothing to train: trainer_init reports it */
		return 0;
	if (cost_of_step(config, &step, &least, &run->tool.err))
		return -1;
	if (least > run->memory)
		return suggest(run, step, least);
	step.length = config->text.context_length;
	if (cost_of_step(config, &step, &most, &run->tool.err))
		return -1;
	if (most > run->memory)
		tool_say(&run->tool,
			"memory: a step takes at least %.2f GB, with captions of %zu tokens %.2f GB, and %.2f GB are free; --recompute or "
			"--accumulate N reduces that",
			1e-9 * (double)least, step.length, 1e-9 * (double)most, 1e-9 * (double)run->memory);
	return 0;
}
