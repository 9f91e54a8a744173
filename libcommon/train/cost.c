#include "train/cost.h"

#include "train/micro_batches.h"

/* A model with the given configuration for dry runs: the pool is idle, so nothing is computed. */
struct trial {
	struct clip *clip;
	struct head head; /* if the recipe has one */
	struct arena arena;
	struct tape tape;
};

enum { SOME_CLASSES = 1000 };

static int trial_begin(struct trial *trial, const struct clip_config *config, unsigned parts, bool head, struct err *err)
{
	*trial = (struct trial){ .tape.pool = pool_new_idle(1, err) };
	trial->tape.arena = &trial->arena;
	if (!trial->tape.pool || !(trial->clip = clip_new(config, err)) || clip_allocate(trial->clip, err) ||
		parameters_train(&trial->clip->parameters, parts, err))
		return -1;
	if (!head)
		return 0;
	return head_init(&trial->head, SOME_CLASSES, config->embed_dim, err) || parameters_train(&trial->head.parameters, PART_HEAD, err)
		       ? -1
		       : 0;
}

static void trial_end(struct trial *trial)
{
	clip_free(trial->clip);
	head_free(&trial->head);
	arena_free(&trial->arena);
	pool_free(trial->tape.pool);
}

static int make_batch(struct batch *batch, const struct clip_config *config, size_t records, size_t views, size_t length, struct err *err)
{
	const struct batch_shape shape = { records, views, config->vision.image_size, config->text.context_length };

	if (batch_init(batch, &shape, err))
		return -1;
	batch->count = records;
	for (size_t i = 0; i < records * views; i++)
		batch->lengths[i] = length;
	return 0;
}

/* Peak size of the arena in a step of `records` records. */
static int try_step(struct trial *trial, const struct cost_step *step, size_t records, size_t *bytes, struct err *err)
{
	const struct recipe *recipe = step->recipe;
	struct tape *tape = &trial->tape;
	struct batch batch;

	if (make_batch(&batch, &trial->clip->config, records, recipe->views, step->length, err))
		return -1;
	tape->failed = false;
	tape->recording = true;
	tape->training = !step->frozen_bn;
	tape->recompute = step->recompute;
	tape->arena->peak = 0;
	const struct train_options options = recipe_defaults(recipe);
	const struct group alone = GROUP_OF_ONE;
	struct step dry = { .tape = tape, .group = &alone, .head = recipe->head ? &trial->head : NULL, .numbers = options.numbers };
	const struct features features = features_of(tape, trial->clip, &batch, recipe_features(recipe));
	struct features reference = { 0 };
	if (recipe->reference)
		reference = step_reference(tape, trial->clip, &batch, recipe_features(recipe), step->pieces);
	step_fill(&dry, recipe, trial->clip, &features, &reference, &batch);
	const struct loss loss = recipe->loss(&dry);
	int status = 0;
	if (tape->failed || !loss.total || tape_backward(tape, loss.total))
		status = err_set(err, "not enough memory to estimate a step of %zu records", records);
	*bytes = tape->arena->peak;
	tape_reset(tape);
	arena_free(tape->arena);
	batch_free(&batch);
	return status;
}

/* Bytes of the similarity matrices of the losses, in both directions; recipes with a head have none. */
static size_t similarity_bytes(const struct recipe *recipe, size_t records)
{
	const size_t matrices = 4 * recipe->views; /* similarities and probabilities */

	if (!recipe->texts || records > SIZE_MAX / 64 / records)
		return recipe->texts ? SIZE_MAX / 4 : 0;
	return matrices * records * records * sizeof(float);
}

/* Is the failed allocation so large that the system may refuse it for its size alone? */
static bool is_large(const struct trial *trial, const struct cost_step *step, size_t records)
{
	enum { LARGE = 64 << 20 };
	const struct clip_config *config = &trial->clip->config;
	const struct batch_shape shape = { records, step->recipe->views, config->vision.image_size, config->text.context_length };
	struct err unused;
	size_t bytes;

	return trial->arena.refused >= LARGE || batch_bytes(&shape, &bytes, &unused) || bytes >= LARGE;
}

/* A large step, or one that the system cannot allocate, is extrapolated from two small ones: everything except the similarity
 * matrices grows linearly with the number of records. */
static int step_bytes(struct trial *trial, const struct cost_step *step, size_t records, size_t *bytes, struct err *err)
{
	enum { FEW = 4, MANY = 1024 };
	const bool before = memory_failed();
	size_t few, more;

	trial->arena.refused = 0;
	if (records <= MANY && try_step(trial, step, records, bytes, err) == 0)
		return 0;
	if (memory_failed() && !is_large(trial, step, records))
		return -1;
	memory_forget(before);
	if (records <= 2 * FEW || try_step(trial, step, FEW, &few, err) || try_step(trial, step, 2 * FEW, &more, err))
		return -1;
	*bytes = few + (more - few) / FEW * (records - FEW) + similarity_bytes(step->recipe, records);
	return 0;
}

int cost_of_step(const struct clip_config *config, const struct cost_step *step, size_t *bytes, struct err *err)
{
	const struct batch_shape shape = { step->records, step->recipe->views, config->vision.image_size, config->text.context_length };
	struct trial trial;
	int status = trial_begin(&trial, config, step->recipe->parts & ~step->frozen, step->recipe->head, err) ||
				     step_bytes(&trial, step, step->records / step->pieces, bytes, err)
			     ? -1
			     : 0;

	trial_end(&trial);
	if (status || step->pieces == 1)
		return status;
	size_t loss = similarity_bytes(step->recipe, step->records);
	*bytes = (loss > *bytes ? loss : *bytes) + micro_batches_bytes(step->pieces, &shape, config);
	return 0;
}

static double forward_flops(struct trial *trial, const struct batch *batch, unsigned part)
{
	trial->tape.flops = 0;
	trial->tape.recording = false;
	features_of(&trial->tape, trial->clip, batch, part);
	tape_reset(&trial->tape);
	return trial->tape.flops;
}

static int find_flops(struct cost *cost, struct trial *trial, struct err *err)
{
	struct batch one;

	if (make_batch(&one, &trial->clip->config, 1, 1, trial->clip->config.text.context_length, err))
		return -1;
	cost->image = forward_flops(trial, &one, PART_IMAGE);
	cost->text = forward_flops(trial, &one, PART_TEXT);
	batch_free(&one);
	return 0;
}

size_t cost_of_reference(const struct recipe *recipe, const struct parameters *set)
{
	return recipe->reference ? set->floats * sizeof(float) : 0;
}

static int recipe_bytes(
	const struct trial *trial, const struct recipe *recipe, size_t batch, bool recompute, size_t *bytes, struct err *err)
{
	const struct clip_config *config = &trial->clip->config;
	const struct parameters *set = &trial->clip->parameters;
	const struct cost_step step = {
		.recipe = recipe, .records = batch, .pieces = 1, .length = config->text.context_length, .recompute = recompute
	};

	if (cost_of_step(config, &step, bytes, err))
		return -1;
	*bytes += (set->floats + 3 * set->grad_floats) * sizeof(float) + cost_of_reference(recipe, set);
	return 0;
}

/* The memory of a step depends only on the recipe's declaration: finds an earlier recipe with the same needs. */
static const struct cost_recipe *find_equal_needs(const struct cost *cost, const struct recipe *recipe)
{
	for (size_t i = 0; i < cost->recipe_count; i++) {
		const struct recipe *other = cost->recipes[i].recipe;
		if (other->views == recipe->views && other->reference == recipe->reference && other->loss == recipe->loss)
			return &cost->recipes[i];
	}
	return NULL;
}

static int find_bytes(struct cost *cost, const struct trial *trial, size_t batch, struct err *err)
{
	for (size_t i = 0; recipes[i] && cost->recipe_count < COST_RECIPES; i++) {
		struct cost_recipe *entry = &cost->recipes[cost->recipe_count];
		const struct cost_recipe *equal = find_equal_needs(cost, recipes[i]);
		if (!recipes[i]->texts)
			continue;
		*entry = equal ? *equal : (struct cost_recipe){ 0 };
		entry->recipe = recipes[i];
		if (!equal && (recipe_bytes(trial, recipes[i], batch, false, &entry->bytes, err) ||
				      recipe_bytes(trial, recipes[i], batch, true, &entry->bytes_recompute, err)))
			return -1;
		cost->recipe_count++;
	}
	return 0;
}

int cost_of(struct cost *cost, const struct clip_config *config, size_t batch, struct err *err)
{
	struct trial trial;

	*cost = (struct cost){ 0 };
	int status = trial_begin(&trial, config, PART_IMAGE | PART_TEXT | PART_LOGIT_SCALE, false, err) || find_flops(cost, &trial, err) ||
				     find_bytes(cost, &trial, batch, err)
			     ? -1
			     : 0;
	trial_end(&trial);
	return status;
}
