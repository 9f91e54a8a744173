/* A batch in pieces has the gradients of the whole batch, and updates running statistics as one forward pass per piece would. */
#include "clip_golden.h"
#include "train/trainer.h"

#include <math.h>

enum { RECORDS = 6 };

static void fill_batch(const struct golden *golden, struct batch *batch)
{
	const struct batch_shape *shape = &batch->shape;
	size_t image = 3 * shape->image_size * shape->image_size;

	for (batch->count = 0; batch->count < RECORDS; batch->count++)
		for (size_t view = 0; view < 2; view++) {
			size_t record = batch->count + view * RECORDS;
			memcpy(batch_pixels(batch, view), golden->pixels + record * image, image);
			memcpy(batch_ids(batch, view), golden->ids + record * shape->context, shape->context * sizeof(int32_t));
			*batch_length(batch, view) = golden->lengths[record];
		}
}

/* One step with a learning rate of 0.  The caller frees with free. */
static float *gradients_of(uint64_t pieces, unsigned frozen, bool frozen_bn, struct golden *golden, struct step_report *report)
{
	const struct train_options options = { .batch = RECORDS,
		.steps = 2,
		.warmup = 1,
		.lr = 0,
		.beta1 = .9,
		.beta2 = .999,
		.epsilon = 1e-8,
		.numbers = { 1, 2, .5, .5 },
		.accumulate = pieces,
		.frozen = frozen,
		.frozen_bn = frozen_bn };
	struct trainer trainer;
	struct batch batch;

	golden_open(golden, 2);
	const struct clip_config *config = &golden->clip->config;
	struct parameters *set = &golden->clip->parameters;
	struct batch_shape shape = { RECORDS, 2, config->vision.image_size, config->text.context_length };
	if (trainer_init(&trainer, &recipe_cleanclip, &options, golden->clip, NULL, golden->pool, &golden->err) ||
		batch_init(&batch, &shape, &golden->err))
		fail_msg("%s", golden->err.text);
	fill_batch(golden, &batch);
	if (trainer_step(&trainer, &batch, report, &golden->err))
		fail_msg("%s", golden->err.text);
	float *copy = malloc((set->grad_floats + 1) * sizeof *copy);
	memcpy(copy, set->grads, set->grad_floats * sizeof *copy);
	batch_free(&batch);
	trainer_free(&trainer);
	return copy;
}

static void expect_near(size_t size, const float *a, const float *b, const char *name)
{
	double difference = 0, norm = 0;

	for (size_t i = 0; i < size; i++) {
		difference += pow((double)a[i] - (double)b[i], 2);
		norm += pow((double)b[i], 2);
	}
	if (!(sqrt(difference) <= 1e-5 * sqrt(norm) + 1e-7))
		fail_msg("%s: differs by %g of %g", name, sqrt(difference), sqrt(norm));
}

static void compare(uint64_t pieces, unsigned frozen)
{
	struct golden whole, parts;
	struct step_report wanted, found;
	float *a = gradients_of(1, frozen, true, &whole, &wanted), *b = gradients_of(pieces, frozen, true, &parts, &found);
	const struct parameters *set = &whole.clip->parameters;

	assert_true(fabs(wanted.loss - found.loss) < 1e-5);
	assert_true(set->grad_floats > 0 && set->grad_floats == parts.clip->parameters.grad_floats);
	for (size_t i = 0; i < set->count; i++) {
		const struct tensor *tensor = set->items[i].tensor;
		size_t at = tensor->grad ? (size_t)(tensor->grad - set->grads) : 0;
		if (tensor->grad)
			expect_near(tensor_size(tensor), b + at, a + at, set->items[i].name);
	}
	free(a);
	free(b);
	golden_close(&whole);
	golden_close(&parts);
}

static void gradients_are_those_of_the_whole_batch(void **state)
{
	(void)state;
	compare(2, 0);
	compare(3, 0);
	compare(6, 0);
}

static void a_tower_may_be_frozen(void **state)
{
	(void)state;
	compare(3, PART_TEXT);
	compare(3, PART_IMAGE | PART_LOGIT_SCALE);
	compare(2, PART_IMAGE | PART_TEXT);
}

/* Each piece updates the statistics once, although it is computed twice. */
static void statistics_are_updated_once_a_piece(void **state)
{
	struct golden golden;
	struct step_report report;

	(void)state;
	free(gradients_of(3, 0, false, &golden, &report));
	assert_int_equal(golden.clip->parameters.batches, 3);
	golden_close(&golden);
	free(gradients_of(3, 0, true, &golden, &report));
	assert_int_equal(golden.clip->parameters.batches, 0);
	golden_close(&golden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gradients_are_those_of_the_whole_batch),
		cmocka_unit_test(a_tower_may_be_frozen),
		cmocka_unit_test(statistics_are_updated_once_a_piece),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
