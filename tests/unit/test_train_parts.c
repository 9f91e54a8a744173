#include "clip_golden.h"
#include "train/batch.h"
#include "train/optimiser.h"
#include "train/trainer.h"

#include <math.h>
#include <stdatomic.h>
#include <unistd.h>

static void expect_near(double value, double expected)
{
	if (!(fabs(value - expected) <= 1e-9 + 1e-6 * fabs(expected)))
		fail_msg("%.10g is not %.10g", value, expected);
}

static void the_rate_warms_up_and_falls(void **state)
{
	(void)state;
	expect_near(schedule_rate(SCHEDULE_COSINE, 1, 4, 10, 0), .25);
	expect_near(schedule_rate(SCHEDULE_COSINE, 1, 4, 10, 3), 1);
	expect_near(schedule_rate(SCHEDULE_COSINE, 1, 4, 10, 4), 1);
	expect_near(schedule_rate(SCHEDULE_COSINE, 1, 4, 10, 7), .5);
	expect_near(schedule_rate(SCHEDULE_COSINE, 2, 0, 2, 1), 1);
	expect_near(schedule_rate(SCHEDULE_COSINE, 1, 4, 10, 10), 0);
	expect_near(schedule_rate(SCHEDULE_COSINE, 1, 20, 10, 9), .5);
}

static void steps_are_counted_by_epoch(void **state)
{
	struct err err;
	uint64_t steps;

	(void)state;
	assert_int_equal(schedule_steps(20000, 8, 128, &steps, &err), 0);
	assert_int_equal(steps, 8 * 156);
	assert_int_equal(schedule_steps(10, 1, 128, &steps, &err), -1);
	assert_string_equal(err.text, "10 records cannot fill one batch of 128; use --batch 10 or less");
	assert_int_equal(schedule_steps(INT64_MAX, INT64_MAX, 1, &steps, &err), -1);
	assert_int_equal(schedule_warmup("10%", 1248, &steps, &err), 0);
	assert_int_equal(steps, 125);
	assert_int_equal(schedule_warmup("50", 1248, &steps, &err), 0);
	assert_int_equal(steps, 50);
	static const char *const wrong[] = { "", "x", "-1", "1.5", "101%", "nan", "5 %", "1e30" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(schedule_warmup(wrong[i], 10, &steps, &err), -1);
}

/* Two steps computed by hand: a matrix of one number, which decays, and a vector of one number, which does not.  In float, 1 - .999
 * would have a relative error of 1e-5. */
static void adamw_decays_matrices_only(void **state)
{
	const struct train_options options = { .beta1 = .9, .beta2 = .999, .epsilon = 1e-8, .weight_decay = .5 };
	struct parameters set = { .part = PART_HEAD };
	struct tensor matrix, vector;
	struct adamw adamw;
	struct pool *pool;
	struct err err;
	double sum;

	(void)state;
	parameters_add(&set, &matrix, 2, (size_t[]){ 1, 1 }, "matrix")->mean = 1;
	parameters_add(&set, &vector, 1, (size_t[]){ 1 }, "vector")->mean = 1;
	assert_int_equal(parameters_allocate(&set, &err), 0);
	parameters_initialise(&set, 0);
	assert_int_equal(parameters_train(&set, PART_HEAD, &err), 0);
	assert_int_equal(adamw_init(&adamw, &set, &err), 0);
	pool = pool_new(1, &err);
	double expected[2] = { 1, 1 }, first = 0, second = 0;
	for (int t = 1; t <= 2; t++) {
		double grad = t == 1 ? 2 : -1;
		parameters_zero_grads(&set);
		tensor_clear_stale(&matrix);
		matrix.grad[0] = (float)grad;
		tensor_clear_stale(&vector);
		vector.grad[0] = (float)grad;
		assert_int_equal(adamw_norm(&adamw, pool, &sum, &err), 0);
		expect_near(sum, 2 * grad * grad);
		assert_int_equal(adamw_step(&adamw, pool, &options, .1, &err), 0);
		first = .9 * first + .1 * grad;
		second = .999 * second + .001 * grad * grad;
		double step = .1 * (first / (1 - pow(.9, t))) / (sqrt(second / (1 - pow(.999, t))) + 1e-8);
		expected[0] = expected[0] * (1 - .1 * .5) - step;
		expected[1] -= step;
	}
	assert_true(fabs((double)matrix.data[0] - expected[0]) < 1e-6);
	assert_true(fabs((double)vector.data[0] - expected[1]) < 1e-6);
	assert_true(fabs((double)adamw.first[0] - first) < 1e-6 * fabs(first));
	assert_true(fabs((double)adamw.second[0] - second) < 1e-6 * second);
	vector.grad[0] = (float)INFINITY;
	assert_int_equal(adamw_norm(&adamw, pool, &sum, &err), -1);
	assert_string_equal(err.text, "the gradient of vector is not finite");
	vector.grad[0] = 1;
	matrix.grad[0] = 1;
	matrix.data[0] = 3e38f;
	assert_int_equal(adamw_step(&adamw, pool, &(struct train_options){ .weight_decay = 1e30 }, 1e10, &err), -1);
	assert_string_equal(err.text, "matrix is not finite after the update; a lower --lr may help");
	pool_free(pool);
	adamw_free(&adamw);
	parameters_free(&set);
}

static const struct train_options options = {
	.batch = 6, .steps = 2, .lr = 1e-3, .beta1 = .9, .beta2 = .999, .epsilon = 1e-8, .weight_decay = .1
};

struct feed {
	struct batch batch;
	size_t left, reported, finished;
};

static int next(void *context, const struct batch **batch, struct err *err)
{
	struct feed *feed = context;

	(void)err;
	*batch = &feed->batch;
	return feed->left && feed->left-- ? 1 : 0;
}

static int report(void *context, const struct step_report *step, struct err *err)
{
	(void)err;
	((struct feed *)context)->reported = step->step;
	return 0;
}

static int finished(void *context, const struct clip *clip, const struct head *head, struct err *err)
{
	(void)clip;
	(void)head;
	(void)err;
	((struct feed *)context)->finished++;
	return 0;
}

static void feed_open(struct feed *feed, struct golden *golden, size_t batches)
{
	struct batch_shape shape = { 6, 1, 8, 7 };

	*feed = (struct feed){ .left = batches };
	golden_open(golden, 1);
	assert_int_equal(batch_init(&feed->batch, &shape, &golden->err), 0);
	feed->batch.count = 6;
	memcpy(feed->batch.pixels, golden->pixels, 6 * 192);
	memcpy(feed->batch.ids, golden->ids, 6 * 7 * sizeof(int32_t));
	for (size_t i = 0; i < 6; i++) {
		feed->batch.lengths[i] = golden->lengths[i];
		feed->batch.labels[i] = (int32_t)i % 3;
	}
}

static int run(struct feed *feed, struct golden *golden, const struct recipe *recipe, const struct train_options *how, struct head *head)
{
	const struct training training = { next, report, finished, feed };
	struct trainer trainer;
	int status = trainer_init(&trainer, recipe, how, golden->clip, head, golden->pool, &golden->err);

	if (status == 0)
		status = trainer_run(&trainer, &training, &golden->err);
	trainer_free(&trainer);
	return status;
}

static void feed_close(struct feed *feed, struct golden *golden)
{
	batch_free(&feed->batch);
	golden_close(golden);
}

static void a_run_ends_with_its_schedule_or_its_batches(void **state)
{
	struct golden golden;
	struct feed feed;

	(void)state;
	feed_open(&feed, &golden, 5);
	assert_int_equal(run(&feed, &golden, &recipe_clip, &options, NULL), 0);
	assert_true(feed.reported == 2 && feed.left == 3 && feed.finished == 1);
	feed.left = 1;
	assert_int_equal(run(&feed, &golden, &recipe_clip, &options, NULL), 0);
	assert_true(feed.reported == 1 && feed.finished == 2);
	feed.left = 0;
	assert_int_equal(run(&feed, &golden, &recipe_clip, &options, NULL), -1);
	assert_non_null(strstr(golden.err.text, "no training step was taken"));
	assert_int_equal(feed.finished, 2);
	feed_close(&feed, &golden);
}

static void frozen_parts_do_not_change(void **state)
{
	struct train_options frozen = options;
	struct golden golden;
	struct feed feed;

	(void)state;
	feed_open(&feed, &golden, 5);
	const struct parameters *set = &golden.clip->parameters;
	float *before = malloc(set->floats * sizeof *before);
	memcpy(before, set->values, set->floats * sizeof *before);
	frozen.frozen = PART_IMAGE | PART_LOGIT_SCALE;
	assert_int_equal(run(&feed, &golden, &recipe_clip, &frozen, NULL), 0);
	for (size_t i = 0; i < set->count; i++) {
		const struct parameter *parameter = &set->items[i];
		const float *old = before + (parameter->tensor->data - set->values);
		bool same = memcmp(old, parameter->tensor->data, tensor_size(parameter->tensor) * sizeof *old) == 0;
		if (same != (parameter->part != PART_TEXT))
			fail_msg("%s: %s", parameter->name, same ? "did not learn" : "was changed");
	}
	frozen.frozen |= PART_TEXT;
	assert_int_equal(run(&feed, &golden, &recipe_clip, &frozen, NULL), -1);
	assert_string_equal(golden.err.text, "everything that clip trains is frozen");
	free(before);
	feed_close(&feed, &golden);
}

static void non_finite_values_are_named(void **state)
{
	struct golden golden;
	struct feed feed;

	(void)state;
	feed_open(&feed, &golden, 5);
	parameters_find(&golden.clip->parameters, "visual.proj")->tensor->data[3] = NAN;
	assert_int_equal(run(&feed, &golden, &recipe_clip, &options, NULL), -1);
	assert_string_equal(golden.err.text, "visual.proj: contains a number that is not finite");
	parameters_find(&golden.clip->parameters, "visual.proj")->tensor->data[3] = 1;
	golden.clip->logit_scale.data[0] = 1000;
	assert_int_equal(run(&feed, &golden, &recipe_clip, &options, NULL), -1);
	assert_non_null(strstr(golden.err.text, "step 1: the loss is not finite"));
	assert_int_equal(feed.finished, 0);
	feed_close(&feed, &golden);
}

static void the_logit_scale_is_clamped(void **state)
{
	struct train_options how = options;
	struct golden golden;
	struct feed feed;

	(void)state;
	feed_open(&feed, &golden, 5);
	golden.clip->logit_scale.data[0] = 9;
	how.steps = 1;
	assert_int_equal(run(&feed, &golden, &recipe_clip, &how, NULL), 0);
	expect_near(exp((double)golden.clip->logit_scale.data[0]), 100);
	feed_close(&feed, &golden);
}

/* A head started from class vectors: the first logits are cosines times exp(logit_scale), up to differences in feature length. */
static void a_head_learns_and_texts_do_not(void **state)
{
	float vectors[3 * 8] = { 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0 };
	struct train_options how = options;
	struct golden golden;
	struct feed feed;
	struct head head;
	struct err err;

	(void)state;
	feed_open(&feed, &golden, 1);
	assert_int_equal(head_init(&head, 3, 8, &err), 0);
	head_set_vectors(&head, vectors);
	how.lr = 1e-12;
	assert_int_equal(run(&feed, &golden, &recipe_supervised, &how, &head), 0);
	assert_false(head.unscaled);
	golden.tape.training = true;
	struct tensor *features = clip_encode_images(&golden.tape, golden.clip, golden.pixels, 6);
	double length = 0, squares;
	for (size_t i = 0; i < 6; i++, length += sqrt(squares) / 6) {
		squares = 0;
		for (size_t k = 0; k < 8; k++)
			squares += pow((double)features->data[8 * i + k], 2);
	}
	expect_near((double)head.weight.data[0] * length / 100, 1 / .07 / 100);
	how.lr = 1e-2;
	how.steps = feed.left = 60;
	assert_int_equal(run(&feed, &golden, &recipe_supervised, &how, &head), 0);
	tape_reset(&golden.tape);
	features = clip_encode_images(&golden.tape, golden.clip, golden.pixels, 6);
	struct tensor *logits = op_linear(&golden.tape, features, &head.weight, &head.bias);
	for (size_t i = 0; i < 6; i++)
		for (size_t c = 0; c < 3; c++)
			assert_true(logits->data[3 * i + c] <= logits->data[3 * i + i % 3]);
	head_free(&head);
	feed_close(&feed, &golden);
}

static atomic_int used_batches; /* filled by the thread; cmocka's assertions only work in the thread of the test */

static void *fill(void *context)
{
	struct batch_queue *queue = context;
	struct batch *batch;

	for (uint64_t i = 0; i < 100 && (batch = batch_queue_empty(queue)); i++) {
		used_batches += batch->count != 0;
		batch->epoch = i;
		batch->count = 2;
		ring_push(&queue->ring);
	}
	ring_close(&queue->ring);
	return NULL;
}

static void batches_arrive_in_order(void **state)
{
	struct batch_shape shape = { 2, 2, 4, 3 };
	struct batch_queue queue;
	struct batch *batch;
	pthread_t filler;
	struct err err;
	uint64_t count = 0;

	(void)state;
	assert_int_equal(batch_queue_init(&queue, &shape, &err), 0);
	pthread_create(&filler, NULL, fill, &queue);
	while ((batch = batch_queue_take(&queue)))
		assert_int_equal(batch->epoch, count++);
	assert_int_equal(count, 100);
	assert_null(batch_queue_take(&queue));
	pthread_join(filler, NULL);
	assert_int_equal(used_batches, 0);
	batch_queue_free(&queue);

	assert_int_equal(batch_queue_init(&queue, &shape, &err), 0);
	pthread_create(&filler, NULL, fill, &queue);
	assert_non_null(batch_queue_take(&queue));
	ring_cancel(&queue.ring);
	pthread_join(filler, NULL);
	assert_int_equal(used_batches, 0);
	batch_queue_free(&queue);
	shape.records = SIZE_MAX / 100;
	assert_int_equal(batch_queue_init(&queue, &shape, &err), -1);
	batch_queue_free(&queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rate_warms_up_and_falls),
		cmocka_unit_test(steps_are_counted_by_epoch),
		cmocka_unit_test(adamw_decays_matrices_only),
		cmocka_unit_test(a_run_ends_with_its_schedule_or_its_batches),
		cmocka_unit_test(frozen_parts_do_not_change),
		cmocka_unit_test(non_finite_values_are_named),
		cmocka_unit_test(the_logit_scale_is_clamped),
		cmocka_unit_test(a_head_learns_and_texts_do_not),
		cmocka_unit_test(batches_arrive_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
