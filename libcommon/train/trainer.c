#include "train/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float largest_logit_scale = 4.6051702f; /* ln 100 */

static struct clip *copy_model(const struct clip *clip, struct err *err)
{
	struct clip *copy = clip_new(&clip->config, err);

	if (!copy || clip_allocate(copy, err)) {
		clip_free(copy);
		return NULL;
	}
	for (size_t i = 0; i < copy->parameters.count; i++) {
		struct tensor *to = copy->parameters.items[i].tensor;
		memcpy(to->data, clip->parameters.items[i].tensor->data, tensor_size(to) * sizeof *to->data);
	}
	return copy;
}

int trainer_init(struct trainer *trainer, const struct recipe *recipe, const struct train_options *options, struct clip *clip,
	struct head *head, struct pool *pool, struct err *err)
{
	unsigned parts = recipe->parts & ~options->frozen;

	memset(trainer, 0, sizeof *trainer);
	trainer->recipe = recipe;
	trainer->options = *options;
	trainer->clip = clip;
	trainer->head = head;
	trainer->group = GROUP_OF_ONE;
	trainer->tape = (struct tape){
		.pool = pool, .arena = &trainer->arena, .training = !options->frozen_bn, .recording = true, .recompute = options->recompute
	};
	if (!parts && !head)
		return err_set(err, "everything that %s trains is frozen", recipe->name);
	if (recipe->reference && !(trainer->reference = copy_model(clip, err)))
		return -1;
	if (parameters_check_finite(&clip->parameters, err) || parameters_train(&clip->parameters, parts, err) ||
		adamw_init(&trainer->model_adamw, &clip->parameters, err))
		return -1;
	if (recipe->end_of_epoch && !(trainer->cosines = calloc(options->batch + 1, sizeof *trainer->cosines)))
		return err_memory(err);
	if (!head)
		return 0;
	return parameters_train(&head->parameters, PART_HEAD, err) || adamw_init(&trainer->head_adamw, &head->parameters, err) ? -1 : 0;
}

void trainer_free(struct trainer *trainer)
{
	adamw_free(&trainer->model_adamw);
	adamw_free(&trainer->head_adamw);
	micro_batches_free(&trainer->micro);
	clip_free(trainer->reference);
	trainer->reference = NULL;
	free(trainer->cosines);
	trainer->cosines = NULL;
	arena_free(&trainer->arena);
}

void trainer_resume(struct trainer *trainer, uint64_t step, bool head_unscaled)
{
	trainer->step = trainer->model_adamw.steps = trainer->head_adamw.steps = step;
	if (trainer->head)
		trainer->head->unscaled = head_unscaled;
}

static double number(const struct tensor *tensor)
{
	return (double)tensor->data[0];
}

static int not_finite(const struct step_report *report, struct err *err)
{
	const char *part = "loss";

	for (size_t i = report->count; i-- > 0;)
		if (!isfinite(report->parts[i]))
			part = report->names[i];
	return err_set(err, "the %s%s is not finite; a lower --lr or a longer --warmup may help", part, report->count ? " loss" : "");
}

static int no_memory(const struct trainer *trainer, const struct batch *batch, struct err *err)
{
	if (trainer->arena.most == 0)
		return err_set(err, "not enough memory for a batch of %zu", batch->count);
	return err_set(err,
		"not enough memory: a batch of %zu takes more than the %.1f GB that are free; use --recompute, --accumulate N "
		"or a smaller --batch",
		batch->count, (double)trainer->arena.most * 1e-9);
}

/* Computes the loss on these features and its backward pass. */
static int trainer_backward(
	struct trainer *trainer, const struct features *features, const struct batch *batch, struct step_report *report, struct err *err)
{
	const struct recipe *recipe = trainer->recipe;
	struct tape *tape = &trainer->tape;
	struct step step = { .tape = tape, .group = &trainer->group, .head = trainer->head, .numbers = trainer->options.numbers };
	struct features reference = { 0 };

	if (trainer->options.multi_positive)
		step.captions = step_captions(tape, batch);
	if (trainer->reference)
		reference = step_reference(tape, trainer->reference, batch, recipe_features(recipe),
			trainer->options.accumulate > 1 ? (size_t)trainer->options.accumulate : 1);
	step_fill(&step, recipe, trainer->clip, features, &reference, batch);
	struct loss loss = recipe->loss(&step);
	if (tape->failed || !loss.total)
		return no_memory(trainer, batch, err);
	if (trainer->cosines)
		features_cosines(features, batch, trainer->cosines);
	report->cosines = trainer->cosines;
	report->loss = number(loss.total);
	report->count = loss.count;
	for (size_t i = 0; i < loss.count; i++) {
		report->names[i] = loss.names[i];
		report->parts[i] = number(loss.parts[i]);
	}
	if (!isfinite(report->loss))
		return not_finite(report, err);
	return tape_backward(tape, loss.total) ? no_memory(trainer, batch, err) : 0;
}

static int trainer_accumulate(struct trainer *trainer, const struct batch *batch, struct step_report *report, struct err *err)
{
	struct micro_batches *micro = &trainer->micro;
	struct features features;

	if (micro_batches_embed(micro, &trainer->tape, trainer->clip, batch, &features))
		return no_memory(trainer, batch, err);
	if (trainer_backward(trainer, &features, batch, report, err))
		return -1;
	return micro_batches_backward(micro, &trainer->tape, trainer->clip, batch) ? no_memory(trainer, batch, err) : 0;
}

/* Forward and backward pass.  Afterwards the gradients are those of this batch. */
static int trainer_differentiate(struct trainer *trainer, const struct batch *batch, struct step_report *report, struct err *err)
{
	parameters_zero_grads(&trainer->clip->parameters);
	if (trainer->head)
		parameters_zero_grads(&trainer->head->parameters);
	if (trainer->options.accumulate > 1)
		return trainer_accumulate(trainer, batch, report, err);
	struct features features = features_of(&trainer->tape, trainer->clip, batch, recipe_features(trainer->recipe));
	return trainer_backward(trainer, &features, batch, report, err);
}

static int trainer_reduce(struct trainer *trainer, struct adamw *adamw, struct err *err)
{
	adamw_clear_stale(adamw);
	return group_reduce(&trainer->group, adamw->set->grads, adamw->set->grad_floats, err);
}

static int trainer_update(struct trainer *trainer, struct step_report *report, struct err *err)
{
	struct pool *pool = trainer->tape.pool;
	double model = 0, head = 0;

	if (trainer_reduce(trainer, &trainer->model_adamw, err) || (trainer->head && trainer_reduce(trainer, &trainer->head_adamw, err)))
		return -1;
	if (adamw_norm(&trainer->model_adamw, pool, &model, err) || (trainer->head && adamw_norm(&trainer->head_adamw, pool, &head, err)))
		return -1;
	report->gradient_norm = sqrt(model + head);
	if (adamw_step(&trainer->model_adamw, pool, &trainer->options, report->lr, err))
		return -1;
	return trainer->head ? adamw_step(&trainer->head_adamw, pool, &trainer->options, report->lr, err) : 0;
}

static void clamp_logit_scale(struct tensor *logit_scale)
{
	if (logit_scale->wants_grad)
		logit_scale->data[0] = fminf(fmaxf(logit_scale->data[0], 0), largest_logit_scale);
}

/* At the first batch, whose shape is needed. */
static int prepare_pieces(struct trainer *trainer, const struct batch *batch, struct err *err)
{
	const struct recipe *recipe = trainer->recipe;
	uint64_t pieces = trainer->options.accumulate;

	if (pieces <= 1 || trainer->micro.pieces)
		return 0;
	if (batch->shape.records % pieces)
		return err_set(
			err, "a batch of %zu cannot be split into %llu equal pieces", batch->shape.records, (unsigned long long)pieces);
	return micro_batches_init(&trainer->micro, (size_t)pieces, &batch->shape, trainer->clip, recipe_features(recipe),
		recipe->parts & ~trainer->options.frozen, err);
}

int trainer_step(struct trainer *trainer, const struct batch *batch, struct step_report *report, struct err *err)
{
	const struct train_options *options = &trainer->options;

	*report = (struct step_report){ .step = trainer->step + 1, .epoch = batch->epoch };
	report->lr = schedule_rate(trainer->recipe->schedule, options->lr, options->warmup, options->steps, trainer->step);
	int status = prepare_pieces(trainer, batch, err) || trainer_differentiate(trainer, batch, report, err) ||
		     trainer_update(trainer, report, err);
	tape_reset(&trainer->tape);
	if (status)
		return err_add(err, "step %llu", (unsigned long long)report->step);
	clamp_logit_scale(&trainer->clip->logit_scale);
	report->logit_scale = exp(number(&trainer->clip->logit_scale));
	trainer->step++;
	return 0;
}

int trainer_run(struct trainer *trainer, const struct training *training, struct err *err)
{
	struct step_report report;
	const struct batch *batch;

	while (trainer->step < trainer->options.steps) {
		int more = training->next(training->context, &batch, err);
		if (more < 0)
			return -1;
		if (more == 0)
			break;
		if (trainer_step(trainer, batch, &report, err) || training->report(training->context, &report, err))
			return -1;
	}
	if (trainer->step == 0)
		return err_set(err, "no training step was taken: no epoch has a full batch of %llu usable records",
			(unsigned long long)trainer->options.batch);
	return training->finished(training->context, trainer->clip, trainer->head, err);
}
