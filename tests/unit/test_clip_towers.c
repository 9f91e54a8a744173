/* Small versions of open_clip's towers against open_clip, and the number of parameters of published models. */
#include "clip_golden.h"

#include <math.h>

static const char *const paths[] = { "tests/golden/vit.safetensors", "tests/golden/modified_resnet.safetensors" };
enum { PATHS = sizeof paths / sizeof *paths };

/* Relative to the largest value; values below `floor` count as zero. */
static void expect_close(const char *what, const float *values, const float *expected, size_t count, double tolerance, double floor)
{
	double most = floor, worst = 0;

	for (size_t i = 0; i < count; i++) {
		most = fmax(most, fabs((double)expected[i]));
		worst = fmax(worst, fabs((double)values[i] - (double)expected[i]));
	}
	if (!(worst <= tolerance * most))
		fail_msg("%s: off by %g where the largest is %g", what, worst, most);
}

static void expect_tensor(struct golden *golden, const char *name, const struct tensor *tensor)
{
	float *expected = golden_tensor(golden, name);

	assert_non_null(tensor);
	expect_close(name, tensor->data, expected, tensor_size(tensor), 1e-5, 0);
	free(expected);
}

static struct tensor *images(struct golden *golden)
{
	return op_l2_normalise(&golden->tape, clip_encode_images(&golden->tape, golden->clip, golden->pixels, golden->count));
}

static struct tensor *texts(struct golden *golden)
{
	return op_l2_normalise(&golden->tape, clip_encode_texts(&golden->tape, golden->clip, golden->ids, golden->lengths, golden->count));
}

static void embeddings_are_open_clips(void **state)
{
	struct golden golden;

	(void)state;
	for (size_t i = 0; i < PATHS; i++)
		for (size_t threads = 1; threads <= 2; threads++) {
			golden_open_file(&golden, paths[i], threads);
			expect_tensor(&golden, "image", images(&golden));
			expect_tensor(&golden, "text", texts(&golden));
			golden_close(&golden);
		}
}

/* Each parameter as on disk, against PREFIX.NAME. */
static void expect_parameter(struct golden *golden, const char *prefix, const struct parameter *parameter, float *there)
{
	size_t size = tensor_size(parameter->tensor);
	float *values = malloc(size * sizeof *values), *expected = golden_parameter(golden, prefix, parameter->name);
	struct tensor tensor = *parameter->tensor;
	struct parameter copy = *parameter;

	tensor.data = there;
	copy.tensor = &tensor;
	parameter_export(&copy, values);
	expect_close(parameter->name, values, expected, size, 1e-4, .1);
	free(values);
	free(expected);
}

static void gradients_and_statistics_are_open_clips(void **state)
{
	struct golden golden;

	(void)state;
	for (size_t i = 0; i < PATHS; i++) {
		golden_open_file(&golden, paths[i], 2);
		struct tape *tape = &golden.tape;
		struct parameters *set = &golden.clip->parameters;
		struct tensor *scale = &golden.clip->logit_scale;
		assert_int_equal(parameters_train(set, PART_IMAGE | PART_TEXT | PART_LOGIT_SCALE, &golden.err), 0);
		tape->training = tape->recording = true;
		struct tensor *image = images(&golden), *text = texts(&golden);
		expect_tensor(&golden, "image_training", image);
		struct tensor *losses[2] = { op_info_nce(tape, image, text, 0, scale), op_info_nce(tape, text, image, 0, scale) };
		struct tensor *loss = op_weighted_sum(tape, 2, losses, (const float[]){ .5f, .5f });
		expect_tensor(&golden, "loss", loss);
		assert_int_equal(tape_backward(tape, loss), 0);
		for (size_t k = 0; k < set->count; k++) {
			const struct parameter *parameter = &set->items[k];
			assert_true(parameter->statistic != parameter->tensor->wants_grad);
			if (parameter->statistic)
				expect_parameter(&golden, "after", parameter, parameter->tensor->data);
			else
				expect_parameter(&golden, "grad", parameter, parameter->tensor->grad);
		}
		golden_close(&golden);
	}
}

/* Parameters that start at zero hide those before them: only the last gains of a ResNet's blocks, and biases. */
static void initial_values_are_open_clips(void **state)
{
	static const struct {
		size_t path;
		const char *name;
		double mean, std;
	} expected[] = {
		{ 0, "visual.class_embedding", 0, .204124 },
		{ 0, "visual.positional_embedding", 0, .204124 },
		{ 0, "visual.conv1.weight", 0, .083333 },
		{ 0, "visual.transformer.resblocks.0.attn.in_proj_weight", 0, .144338 },
		{ 0, "visual.transformer.resblocks.1.attn.out_proj.weight", 0, .117851 },
		{ 0, "visual.transformer.resblocks.1.mlp.c_fc.bias", 0, .117851 },
		{ 0, "visual.transformer.resblocks.1.mlp.c_proj.weight", 0, .077850 },
		{ 0, "visual.proj", 0, .204124 },
		{ 1, "visual.layer2.1.bn3.weight", 0, 0 },
		{ 1, "visual.layer2.1.bn2.weight", 1, 0 },
		{ 1, "visual.layer2.0.downsample.1.weight", 1, 0 },
		{ 1, "visual.layer4.0.conv2.weight", 0, .048113 },
		{ 1, "visual.attnpool.positional_embedding", 0, .125 },
		{ 1, "visual.attnpool.c_proj.weight", 0, .125 },
		{ 1, "visual.attnpool.k_proj.bias", 0, .072169 },
	};
	struct golden golden;

	(void)state;
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		golden_open_file(&golden, paths[expected[i].path], 1);
		const struct parameter *parameter = parameters_find(&golden.clip->parameters, expected[i].name);
		if (!parameter)
			fail_msg("no %s", expected[i].name);
		if (!(fabs((double)parameter->mean - expected[i].mean) + fabs((double)parameter->std - expected[i].std) < 1e-6))
			fail_msg("%s begins with %g +- %g", expected[i].name, (double)parameter->mean, (double)parameter->std);
		golden_close(&golden);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(embeddings_are_open_clips),
		cmocka_unit_test(gradients_and_statistics_are_open_clips),
		cmocka_unit_test(initial_values_are_open_clips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
