#include "tools/model/cost.h"

#include "train/recipe.h"

/* Texts are as long as they may be.  Nobody computes with it: the pool is idle. */
static int make_batch(struct batch *batch, const struct clip_config *config, size_t records, size_t views, struct err *err)
{
	const struct batch_shape shape = { records, views, config->vision.image_size, config->text.context_length };

	if (batch_init(batch, &shape, err))
		return -1;
	batch->count = records;
	for (size_t i = 0; i < records * views; i++)
		batch->lengths[i] = shape.context;
	return 0;
}

static double forward_flops(struct tape *tape, struct clip *clip, const struct batch *batch, unsigned part)
{
	tape->flops = 0;
	tape->recording = false;
	features_of(tape, clip, batch, part);
	double flops = tape->flops;
	tape_reset(tape);
	return flops / (double)(batch->shape.records * batch->shape.views);
}

/* The most that a step has in its arena. */
static int try_step(struct tape *tape, struct clip *clip, const char *recipe, size_t records, size_t *bytes, struct err *err)
{
	const struct recipe *step = recipe_find(recipe);
	struct batch batch;

	if (make_batch(&batch, &clip->config, records, step->views, err))
		return -1;
	int status = 0;
	tape->failed = false;
	tape->recording = tape->training = true;
	tape->arena->peak = 0;
	struct features features = features_of(tape, clip, &batch, PART_IMAGE | PART_TEXT);
	struct loss loss = step->loss(tape, clip, NULL, &step->defaults, &features, &batch);
	if (tape->failed || !loss.total || tape_backward(tape, loss.total))
		status = err_set(err, "no memory to find out what a step of %zu records needs", records);
	*bytes = tape->arena->peak;
	tape_reset(tape);
	arena_free(tape->arena);
	batch_free(&batch);
	return status;
}

/* Where the system does not promise as much as a large step needs, it is told from two small ones: it grows evenly. */
static int step_bytes(struct tape *tape, struct clip *clip, const char *recipe, size_t records, size_t *bytes, struct err *err)
{
	enum { FEW = 4 };
	size_t few, more;

	if (try_step(tape, clip, recipe, records, bytes, err) == 0)
		return 0;
	if (records <= 2 * FEW || try_step(tape, clip, recipe, FEW, &few, err) || try_step(tape, clip, recipe, 2 * FEW, &more, err))
		return -1;
	*bytes = few + (more - few) / FEW * (records - FEW);
	return 0;
}

static int find_cost(struct cost *cost, struct clip *clip, struct tape *tape, size_t batch, struct err *err)
{
	const struct parameters *set = &clip->parameters;
	struct batch one;

	if (make_batch(&one, &clip->config, 1, 1, err))
		return -1;
	cost->image = forward_flops(tape, clip, &one, PART_IMAGE);
	cost->text = forward_flops(tape, clip, &one, PART_TEXT);
	batch_free(&one);
	if (tape->failed)
		return err_memory(err);
	if (parameters_train(&clip->parameters, PART_IMAGE | PART_TEXT | PART_LOGIT_SCALE, err) ||
		step_bytes(tape, clip, "clip", batch, &cost->step, err) ||
		step_bytes(tape, clip, "cleanclip", batch, &cost->step_views, err))
		return -1;
	const size_t kept = (set->floats + 3 * set->grad_floats) * sizeof(float);
	cost->step += kept;
	cost->step_views += kept;
	return 0;
}

int cost_of(struct cost *cost, struct clip *clip, size_t batch, struct err *err)
{
	struct arena arena = { 0 };
	struct tape tape = { .arena = &arena, .pool = pool_new_idle(1, err) };

	*cost = (struct cost){ 0 };
	if (!tape.pool)
		return -1;
	int status = find_cost(cost, clip, &tape, batch, err);
	tape_reset(&tape);
	arena_free(&arena);
	pool_free(tape.pool);
	return status;
}
