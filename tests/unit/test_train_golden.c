/* Ten steps of CleanCLIP compared with PyTorch, for each image tower; identical bits for any number of threads. */
#include "clip_golden.h"
#include "train/trainer.h"

#include <math.h>

enum { STEPS = 10 };

/* The first was computed by PyTorch in float32, the others by open_clip in float64. */
static const char *const paths[] = { "tests/golden/clip.safetensors", "tests/golden/vit_steps.safetensors",
	"tests/golden/modified_resnet_steps.safetensors" };
enum { PATHS = sizeof paths / sizeof *paths };

static const struct train_options options = { .steps = STEPS,
	.warmup = 3,
	.lr = 1e-3,
	.weight_decay = .1,
	.beta1 = .9,
	.beta2 = .999,
	.epsilon = 1e-8,
	.numbers = { 1, 2, .5, .5 } };

static void fill_batch(const struct golden *golden, size_t step, struct batch *batch)
{
	const struct batch_shape *shape = &batch->shape;
	size_t image = 3 * shape->image_size * shape->image_size, records = golden->count / 2;

	for (batch->count = 0; batch->count < shape->records; batch->count++)
		for (size_t view = 0; view < 2; view++) {
			size_t record = (5 * step + batch->count) % records + view * records;
			memcpy(batch_pixels(batch, view), golden->pixels + record * image, image);
			memcpy(batch_ids(batch, view), golden->ids + record * shape->context, shape->context * sizeof(int32_t));
			*batch_length(batch, view) = golden->lengths[record];
		}
}

static void train(struct golden *golden, float losses[STEPS][3])
{
	const struct clip_config *config = &golden->clip->config;
	struct batch_shape shape = { golden->count / 4, 2, config->vision.image_size, config->text.context_length };
	struct train_options told = options;
	struct trainer trainer;
	struct step_report report;
	struct batch batch;

	told.batch = shape.records;
	if (trainer_init(&trainer, &recipe_cleanclip, &told, golden->clip, NULL, golden->pool, &golden->err) ||
		batch_init(&batch, &shape, &golden->err))
		fail_msg("%s", golden->err.text);
	for (size_t step = 0; step < STEPS; step++) {
		fill_batch(golden, step, &batch);
		if (trainer_step(&trainer, &batch, &report, &golden->err))
			fail_msg("%s", golden->err.text);
		assert_int_equal(report.step, step + 1);
		losses[step][0] = (float)report.loss;
		losses[step][1] = (float)report.parts[0];
		losses[step][2] = (float)report.parts[1];
	}
	assert_int_equal(golden->clip->parameters.batches, STEPS);
	batch_free(&batch);
	trainer_free(&trainer);
}

/* The gradient of a key's bias is zero except for rounding (it shifts all logits of a softmax equally), and Adam turns it into full
 * steps: k_proj.bias and the middle third of in_proj_bias are not compared. */
static bool is_key_bias(const struct parameter *parameter, size_t i)
{
	size_t width = tensor_size(parameter->tensor) / 3;

	return strstr(parameter->name, "k_proj.bias") || (strstr(parameter->name, "in_proj_bias") && i >= width && i < 2 * width);
}

static void expect_after(struct golden *golden, const struct parameter *parameter)
{
	size_t size = tensor_size(parameter->tensor);
	float *expected = golden_parameter(golden, "after", parameter->name), *values = malloc(size * sizeof *values);
	double difference = 0, norm = 0;

	parameter_export(parameter, values);
	for (size_t i = 0; i < size; i++) {
		double d = is_key_bias(parameter, i) ? 0 : (double)values[i] - (double)expected[i];
		difference += d * d;
		norm += (double)expected[i] * (double)expected[i];
	}
	if (!(sqrt(difference) <= 1e-4 * sqrt(norm)))
		fail_msg("%s: %g of its norm away", parameter->name, sqrt(difference / norm));
	free(expected);
	free(values);
}

static void expect_ten_steps(const char *path)
{
	struct golden golden;
	float losses[STEPS][3];

	golden_open_file(&golden, path, 1);
	train(&golden, losses);
	float *expected = golden_tensor(&golden, "losses");
	for (size_t i = 0; i < STEPS * 3; i++)
		if (!(fabsf(losses[i / 3][i % 3] - expected[i]) <= 1e-5f * fabsf(expected[i])))
			fail_msg("%s: loss %zu of step %zu is %.8g, not %.8g", path, i % 3, i / 3 + 1, (double)losses[i / 3][i % 3],
				(double)expected[i]);
	for (size_t i = 0; i < golden.clip->parameters.count; i++)
		expect_after(&golden, &golden.clip->parameters.items[i]);
	free(expected);
	golden_close(&golden);
}

static void ten_steps_are_pytorchs(void **state)
{
	(void)state;
	for (size_t i = 0; i < PATHS; i++)
		expect_ten_steps(paths[i]);
}

static void expect_same_at_three_threads(const char *path)
{
	struct golden one, three;
	float losses[STEPS][3], same[STEPS][3];

	golden_open_file(&one, path, 1);
	golden_open_file(&three, path, 3);
	train(&one, losses);
	train(&three, same);
	assert_memory_equal(losses, same, sizeof losses);
	assert_memory_equal(one.clip->parameters.values, three.clip->parameters.values, one.clip->parameters.floats * sizeof(float));
	golden_close(&one);
	golden_close(&three);
}

static void threads_do_not_change_a_bit(void **state)
{
	(void)state;
	for (size_t i = 0; i < PATHS; i++)
		expect_same_at_three_threads(paths[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_steps_are_pytorchs),
		cmocka_unit_test(threads_do_not_change_a_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
