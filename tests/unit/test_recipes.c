/* Each recipe's loss: its gradient against central differences, and the effect of its numbers. */
#include "tests/unit/nn_case.h"

#include "train/recipe.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { PAIRS = 5, WIDTH = 6, CLASSES = 3 };

struct bench {
	const struct recipe *recipe;
	struct train_options options;
	struct tape tape;
	struct arena arena;
	struct clip clip; /* only its logit_scale is used */
	struct head head;
	struct tensor image, text, reference_image, reference_text; /* features */
	float scale, scale_grad;
	int32_t labels[PAIRS];
	bool known[PAIRS];
	const uint32_t *captions; /* of the step */
};

static struct tensor random_features(size_t rows, bool wants_grad, struct rng *rng)
{
	const struct nn_input input = { 2, { rows, WIDTH }, .constant = !wants_grad };

	return nn_input_new(&input, rng);
}

static void open_bench(struct bench *bench, const struct recipe *recipe)
{
	struct rng rng = rng_for(1, span_string(recipe->name), 0, "test");
	struct err err;

	*bench = (struct bench){ .recipe = recipe, .options = recipe_defaults(recipe), .scale = 1.5f };
	bench->tape = (struct tape){ .pool = pool_new(1, &err), .arena = &bench->arena, .training = true, .recording = true };
	bench->clip.logit_scale =
		(struct tensor){ .shape = { 1, 1, 1, 1 }, .data = &bench->scale, .wants_grad = true, .grad = &bench->scale_grad };
	bench->image = random_features(recipe->views * PAIRS, true, &rng);
	bench->text = random_features(recipe->views * PAIRS, true, &rng);
	bench->reference_image = random_features(PAIRS, false, &rng);
	bench->reference_text = random_features(PAIRS, false, &rng);
	for (size_t i = 0; i < PAIRS; i++) {
		bench->labels[i] = (int32_t)(i % CLASSES);
		bench->known[i] = i % 3 == 1;
	}
	if (!recipe->head)
		return;
	assert_int_equal(head_init(&bench->head, CLASSES, WIDTH, &err), 0);
	nn_fill(CLASSES * WIDTH, bench->head.weight.data, &rng, -1, 1);
}

static void close_bench(struct bench *bench)
{
	nn_input_free(&bench->image);
	nn_input_free(&bench->text);
	nn_input_free(&bench->reference_image);
	nn_input_free(&bench->reference_text);
	head_free(&bench->head);
	arena_free(&bench->arena);
	pool_free(bench->tape.pool);
}

/* The loss at the current features; with `backward` it also computes their gradients. */
static double loss_at(struct bench *bench, bool backward)
{
	const struct group alone = GROUP_OF_ONE;
	const struct features features = { &bench->image, &bench->text };
	const struct features reference = { &bench->reference_image, &bench->reference_text };
	const struct batch batch = { .count = PAIRS, .labels = bench->labels, .known = bench->known };
	struct step step = { .tape = &bench->tape,
		.group = &alone,
		.head = bench->recipe->head ? &bench->head : NULL,
		.captions = bench->captions,
		.numbers = bench->options.numbers };

	bench->image.stale = bench->text.stale = bench->clip.logit_scale.stale = true;
	step_fill(&step, bench->recipe, &bench->clip, &features, &reference, &batch);
	const struct loss loss = bench->recipe->loss(&step);
	assert_false(bench->tape.failed);
	const double value = (double)loss.total->data[0];
	if (backward) {
		assert_int_equal(tape_backward(&bench->tape, loss.total), 0);
		tensor_clear_stale(&bench->image);
		tensor_clear_stale(&bench->text);
	}
	tape_reset(&bench->tape);
	return value;
}

/* The largest difference between the gradient of x and central differences, in units of the largest of these. */
static double worst_difference(struct bench *bench, struct tensor *x)
{
	static const float step = 1.f / 64;
	double worst = 0, largest = 1e-2;

	for (size_t i = 0; i < tensor_size(x); i++) {
		const float was = x->data[i];
		x->data[i] = was + step;
		const double above = loss_at(bench, false);
		x->data[i] = was - step;
		const double below = loss_at(bench, false), slope = (above - below) / (2 * (double)step);
		x->data[i] = was;
		worst = fmax(worst, fabs(slope - (double)x->grad[i]));
		largest = fmax(largest, fabs(slope));
	}
	return worst / largest;
}

static void gradients_are_differences(void **state)
{
	(void)state;
	for (size_t i = 0; recipes[i]; i++) {
		struct bench bench;
		open_bench(&bench, recipes[i]);
		loss_at(&bench, true);
		const double image = worst_difference(&bench, &bench.image);
		const double text = recipes[i]->texts ? worst_difference(&bench, &bench.text) : 0;
		if (!(image < 4e-3 && text < 4e-3))
			fail_msg("%s: off by %g and %g", recipes[i]->name, image, text);
		close_bench(&bench);
	}
}

static double squared_distance(const float *a, const float *b)
{
	double along = 0, of_a = 0, of_b = 0;

	for (size_t k = 0; k < WIDTH; k++) {
		along += (double)a[k] * (double)b[k];
		of_a += (double)a[k] * (double)a[k];
		of_b += (double)b[k] * (double)b[k];
	}
	return 2 - 2 * along / sqrt(of_a * of_b);
}

static double mean_distance(const struct tensor *a, const struct tensor *b)
{
	double sum = 0;

	for (size_t i = 0; i < PAIRS; i++)
		sum += squared_distance(a->data + i * WIDTH, b->data + i * WIDTH);
	return sum / PAIRS;
}

/* par: the cross-modal loss minus half of each distance below tau. */
static void par_by_its_definition(void **state)
{
	struct bench bench, plain;

	(void)state;
	open_bench(&bench, &recipe_par);
	const double image = mean_distance(&bench.image, &bench.reference_image), text = mean_distance(&bench.text, &bench.reference_text);
	bench.options.numbers[0] = 0;
	const double cross_modal = loss_at(&bench, false);
	open_bench(&plain, &recipe_clip);
	memcpy(plain.image.data, bench.image.data, PAIRS * WIDTH * sizeof(float));
	memcpy(plain.text.data, bench.text.data, PAIRS * WIDTH * sizeof(float));
	assert_true(fabs(loss_at(&plain, false) - cross_modal) < 1e-6);
	bench.options.numbers[0] = 4;
	assert_true(fabs(loss_at(&bench, false) - (cross_modal - .5 * (image + text))) < 1e-5);
	bench.options.numbers[0] = (image + text) / 2; /* between them */
	assert_true(fabs(loss_at(&bench, false) - (cross_modal - .5 * fmin(image, text))) < 1e-5);
	close_bench(&plain);
	close_bench(&bench);
}

static double similarity(const struct bench *bench, const struct tensor *a, size_t i, const struct tensor *b, size_t j)
{
	return exp((double)bench->scale) * (1 - squared_distance(a->data + i * WIDTH, b->data + j * WIDTH) / 2);
}

/* One direction: the target of row i is spread over the columns with its caption. */
static double spread_loss(
	const struct bench *bench, const struct tensor *a, size_t first_a, const struct tensor *b, size_t first_b, const uint32_t *captions)
{
	double loss = 0;

	for (size_t i = 0; i < PAIRS; i++) {
		double sum = 0, targets = 0, count = 0;
		for (size_t j = 0; j < PAIRS; j++) {
			const double logit = similarity(bench, a, first_a + i, b, first_b + j);
			sum += exp(logit);
			targets += captions[i] == captions[j] ? logit : 0;
			count += captions[i] == captions[j];
		}
		loss += (log(sum) - targets / count) / PAIRS;
	}
	return loss;
}

/* --multi-positive: cross-modal in both directions, and of the captions' views; images have their own view alone. */
static void multi_positive_by_its_definition(void **state)
{
	static const uint32_t captions[PAIRS] = { 0, 1, 0, 0, 4 }, distinct[PAIRS] = { 0, 1, 2, 3, 4 };
	struct bench bench;

	(void)state;
	open_bench(&bench, &recipe_cleanclip);
	const double without = loss_at(&bench, false);
	bench.captions = distinct;
	assert_true(fabs(loss_at(&bench, false) - without) < 1e-6);
	bench.captions = captions;
	const double cross_modal = (spread_loss(&bench, &bench.image, 0, &bench.text, 0, captions) +
					   spread_loss(&bench, &bench.text, 0, &bench.image, 0, captions)) /
				   2;
	const double image = spread_loss(&bench, &bench.image, 0, &bench.image, PAIRS, distinct);
	const double text = spread_loss(&bench, &bench.text, 0, &bench.text, PAIRS, captions);
	assert_true(fabs(loss_at(&bench, false) - (cross_modal + .5 * image + .5 * text)) < 1e-5);
	loss_at(&bench, true);
	assert_true(worst_difference(&bench, &bench.image) < 4e-3 && worst_difference(&bench, &bench.text) < 4e-3);
	close_bench(&bench);
}

/* cleanclip's weights: each half of the self-supervised loss, and the cross-modal loss of the augmented views. */
static void cleanclip_by_its_weights(void **state)
{
	enum { LAMBDA1, LAMBDA2, IMAGE_SS, TEXT_SS, VIEW_WEIGHT };
	static const uint32_t distinct[PAIRS] = { 0, 1, 2, 3, 4 };
	struct bench bench;
	double *numbers = bench.options.numbers;

	(void)state;
	open_bench(&bench, &recipe_cleanclip);
	numbers[LAMBDA1] = 0;
	numbers[TEXT_SS] = 0;
	numbers[IMAGE_SS] = 1;
	assert_true(fabs(loss_at(&bench, false) - spread_loss(&bench, &bench.image, 0, &bench.image, PAIRS, distinct)) < 1e-5);
	numbers[TEXT_SS] = 1;
	numbers[IMAGE_SS] = 0;
	assert_true(fabs(loss_at(&bench, false) - spread_loss(&bench, &bench.text, 0, &bench.text, PAIRS, distinct)) < 1e-5);
	numbers[LAMBDA2] = 0;
	numbers[VIEW_WEIGHT] = 1;
	const double views = (spread_loss(&bench, &bench.image, PAIRS, &bench.text, PAIRS, distinct) +
				     spread_loss(&bench, &bench.text, PAIRS, &bench.image, PAIRS, distinct)) /
			     2;
	assert_true(fabs(loss_at(&bench, false) - views) < 1e-5);
	close_bench(&bench);
}

static void schedule_of_par(void **state)
{
	(void)state;
	assert_true(fabs(schedule_rate(SCHEDULE_LINEAR_COSINE, 2, 0, 100, 0) - 2) < 1e-12);
	assert_true(fabs(schedule_rate(SCHEDULE_LINEAR_COSINE, 2, 0, 100, 25) - 1.1) < 1e-12);
	assert_true(fabs(schedule_rate(SCHEDULE_LINEAR_COSINE, 2, 0, 100, 50) - .2) < 1e-12);
	assert_true(fabs(schedule_rate(SCHEDULE_LINEAR_COSINE, 2, 0, 100, 75) - .1) < 1e-12);
	assert_true(schedule_rate(SCHEDULE_LINEAR_COSINE, 2, 10, 100, 4) == 1);
	assert_true(schedule_rate(SCHEDULE_LINEAR_COSINE, 2, 0, 100, 100) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gradients_are_differences),
		cmocka_unit_test(par_by_its_definition),
		cmocka_unit_test(multi_positive_by_its_definition),
		cmocka_unit_test(cleanclip_by_its_weights),
		cmocka_unit_test(schedule_of_par),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
