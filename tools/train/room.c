#include "train/cost.h"
#include "tools/cli/machine.h"
#include "tools/train/run.h"

#include <stdio.h>

enum { SHORTEST = 2 /* tokens: begin and end */ };

static size_t count_trained(const struct run *run)
{
	const struct parameters *set = &run->checkpoint.clip->parameters;
	unsigned parts = run->recipe->parts & ~run->opt.how.frozen;
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
		"no memory: gradients and moments take %.2f GB, %s%d batches that wait %.2f GB, and %.2f GB are free",
		1e-9 * (double)trained, more, BATCH_QUEUE, 1e-9 * (double)batches, 1e-9 * (double)left);
}

/* What is known before the first step: gradients, two moments, batches.  What is left a step may take; 0: nobody knows. */
static int find_left(struct run *run, const struct batch_shape *shape)
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
	const struct train_options *how = &run->opt.how;

	return (struct cost_step){ .recipe = run->recipe,
		.records = (size_t)how->batch,
		.pieces = how->accumulate ? (size_t)how->accumulate : 1,
		.length = length,
		.recompute = how->recompute,
		.frozen_bn = how->frozen_bn,
		.frozen = how->frozen };
}

/* What would take less: --recompute, and then more and more pieces. */
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
				"no memory: a step of %zu records takes %.2f GB or more, and %.2f GB are free: with --recompute it takes %.2f",
				step.records, needed, left, 1e-9 * (double)bytes);
		return err_set(err,
			"no memory: a step of %zu records takes %.2f GB or more, and %.2f GB are free: with --recompute --accumulate %zu "
			"it takes %.2f",
			step.records, needed, left, step.pieces, 1e-9 * (double)bytes);
	}
	return err_set(err, "no memory: a step of %zu records takes %.2f GB or more, and %.2f GB are free: a smaller --batch takes less",
		step.records, needed, left);
}

/* Captions are as short as they may be, and then as long: what takes too much either way does not begin. */
int run_find_room(struct run *run, const struct batch_shape *shape)
{
	const struct clip_config *config = &run->checkpoint.clip->config;
	struct cost_step step = step_of(run, SHORTEST);
	size_t least, most;

	if (find_left(run, shape))
		return -1;
	if (!run->memory || !(count_trained(run) || run->recipe->head)) /* nothing to train: the trainer says so */
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
			"memory: a step takes %.2f GB or more, with captions of %zu tokens %.2f GB, and %.2f GB are free: --recompute or "
			"--accumulate N takes less",
			1e-9 * (double)least, step.length, 1e-9 * (double)most, 1e-9 * (double)run->memory);
	return 0;
}
