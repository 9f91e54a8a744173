/* The whole model against PyTorch, and its gradients against finite differences. */
#include "clip_golden.h"

#include <math.h>

enum { RECORDS = 12 };

static void expect_close(const float *values, const float *expected, size_t count, double tolerance)
{
	for (size_t i = 0; i < count; i++)
		if (!(fabs((double)values[i] - (double)expected[i]) <= tolerance))
			fail_msg("value %zu is %.8g, not %.8g", i, (double)values[i], (double)expected[i]);
}

static void embeddings_are_pytorchs(void **state)
{
	struct golden golden;

	(void)state;
	golden_open(&golden, 2);
	struct tape *tape = &golden.tape;
	struct tensor *image = op_l2_normalise(tape, clip_encode_images(tape, golden.clip, golden.pixels, RECORDS));
	struct tensor *text = op_l2_normalise(tape, clip_encode_texts(tape, golden.clip, golden.ids, golden.lengths, RECORDS));
	float *expected_image = golden_tensor(&golden, "image"), *expected_text = golden_tensor(&golden, "text");
	assert_true(image && text && !tape->failed);
	expect_close(image->data, expected_image, RECORDS * 8, 2e-6);
	expect_close(text->data, expected_text, RECORDS * 8, 2e-6);
	free(expected_image);
	free(expected_text);
	golden_close(&golden);
}

/* A text's feature does not depend on the lengths of the others in its batch. */
static void texts_do_not_depend_on_their_batch(void **state)
{
	struct golden golden;
	float alone[8];

	(void)state;
	golden_open(&golden, 1);
	struct tensor *text = clip_encode_texts(&golden.tape, golden.clip, golden.ids, golden.lengths, 1);
	memcpy(alone, text->data, sizeof alone);
	text = clip_encode_texts(&golden.tape, golden.clip, golden.ids, golden.lengths, 24);
	expect_close(text->data, alone, 8, 1e-6);
	golden_close(&golden);
}

/* A loss that depends on all parameters: cross-modal, both directions. */
static struct tensor *loss_of(struct golden *golden)
{
	struct tape *tape = &golden->tape;
	struct tensor *image = clip_encode_images(tape, golden->clip, golden->pixels, RECORDS);
	struct tensor *text = clip_encode_texts(tape, golden->clip, golden->ids, golden->lengths, RECORDS);
	struct tensor *scale = &golden->clip->logit_scale;

	image = op_l2_normalise(tape, image);
	text = op_l2_normalise(tape, text);
	struct tensor *losses[2] = { op_info_nce(tape, image, text, 0, scale), op_info_nce(tape, text, image, 0, scale) };
	return op_weighted_sum(tape, 2, losses, (const float[]){ .5f, .5f });
}

static double loss_value(struct golden *golden)
{
	tape_reset(&golden->tape);
	golden->tape.recording = false;
	return (double)loss_of(golden)->data[0];
}

/* The derivative along a random direction of one tensor, by differences and by the tape: one number checks all its
 * elements.  Differences of a float32 loss are good to some 1e-3. */
static void check_tensor(struct golden *golden, const struct parameter *parameter)
{
	struct tensor *tensor = parameter->tensor;
	size_t size = tensor_size(tensor);
	float *kept = malloc(size * sizeof *kept), *direction = malloc(size * sizeof *direction);
	double along = 0, length = 0, step = 1e-3, around[2];

	for (size_t i = 0; i < size; i++) {
		direction[i] = (float)((i * 2654435761u >> 7) % 1000) / 500 - 1;
		length += (double)direction[i] * (double)direction[i];
	}
	for (size_t i = 0; i < size; i++) {
		direction[i] /= (float)sqrt(length + 1e-12);
		along += (double)direction[i] * (double)tensor->grad[i];
	}
	memcpy(kept, tensor->data, size * sizeof *kept);
	for (int side = 0; side < 2; side++) {
		for (size_t i = 0; i < size; i++)
			tensor->data[i] = kept[i] + (side ? (float)step : -(float)step) * direction[i];
		around[side] = loss_value(golden);
	}
	memcpy(tensor->data, kept, size * sizeof *kept);
	double difference = (around[1] - around[0]) / (2 * step);
	if (!(fabs(difference - along) <= 3e-3 * fabs(along) + 1e-3))
		fail_msg("%s: the slope is %g, the gradient says %g", parameter->name, difference, along);
	free(kept);
	free(direction);
}

static void gradients_equal_differences(void **state)
{
	struct golden golden;

	(void)state;
	golden_open(&golden, 1);
	struct parameters *set = &golden.clip->parameters;
	assert_int_equal(parameters_train(set, PART_IMAGE | PART_TEXT | PART_LOGIT_SCALE, &golden.err), 0);
	golden.tape.recording = true;
	assert_int_equal(tape_backward(&golden.tape, loss_of(&golden)), 0);
	for (size_t i = 0; i < set->count; i++)
		if (set->items[i].tensor->wants_grad) {
			assert_false(set->items[i].tensor->stale);
			check_tensor(&golden, &set->items[i]);
		}
	golden_close(&golden);
}

/* The mean squared length of image features, for checking the gradient of pixels. */
static struct tensor *length_of_features(struct golden *golden, struct tensor *pixels)
{
	struct tensor *features = clip_encode_pixels(&golden->tape, golden->clip, pixels);
	struct tensor *zeros = tape_tensor(&golden->tape, 2, (size_t[]){ pixels->shape[0], golden->clip->config.embed_dim }, false);

	memset(zeros->data, 0, tensor_size(zeros) * sizeof *zeros->data);
	return op_squared_distance(&golden->tape, features, zeros);
}

/* The derivative along the gradient's own direction is its length.  The tower is not trained. */
static void check_pixels(struct golden *golden)
{
	const size_t side = golden->clip->config.vision.image_size;
	struct tensor pixels = { .rank = 4, .shape = { 2, side, side, 3 }, .wants_grad = true };
	const size_t size = tensor_size(&pixels);
	const double step = 2e-3;
	double squares = 0, around[2];

	pixels.data = malloc(size * sizeof *pixels.data);
	pixels.grad = calloc(size, sizeof *pixels.grad);
	for (size_t i = 0; i < size; i++)
		pixels.data[i] = (float)golden->pixels[i] / 255;
	golden->tape.recording = true;
	assert_int_equal(parameters_train(&golden->clip->parameters, 0, &golden->err), 0);
	assert_int_equal(tape_backward(&golden->tape, length_of_features(golden, &pixels)), 0);
	for (size_t i = 0; i < size; i++)
		squares += (double)pixels.grad[i] * (double)pixels.grad[i];
	assert_true(squares > 0);
	for (int end = 0; end < 2; end++) {
		tape_reset(&golden->tape);
		golden->tape.recording = false;
		for (size_t i = 0; i < size; i++)
			pixels.data[i] =
				(float)((double)golden->pixels[i] / 255 + (end ? step : -step) * (double)pixels.grad[i] / sqrt(squares));
		around[end] = (double)length_of_features(golden, &pixels)->data[0];
	}
	if (!(fabs((around[1] - around[0]) / (2 * step) - sqrt(squares)) <= 2e-2 * sqrt(squares)))
		fail_msg("the slope is %g, the gradient's length %g", (around[1] - around[0]) / (2 * step), sqrt(squares));
	free(pixels.data);
	free(pixels.grad);
}

static void pixels_get_gradients_of_every_tower(void **state)
{
	static const char *const paths[] = { "tests/golden/clip.safetensors", "tests/golden/vit_steps.safetensors",
		"tests/golden/modified_resnet_steps.safetensors" };

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct golden golden;
		golden_open_file(&golden, paths[i], 1);
		check_pixels(&golden);
		golden_close(&golden);
	}
}

/* Pixels in a tensor from 0 to 1 give the same features as bytes. */
static void pixels_as_a_tensor(void **state)
{
	struct golden golden;

	(void)state;
	golden_open(&golden, 1);
	const size_t side = golden.clip->config.vision.image_size, size = 2 * 3 * side * side;
	struct tensor pixels = { .rank = 4, .shape = { 2, side, side, 3 }, .data = malloc(size * sizeof(float)) };
	for (size_t i = 0; i < size; i++)
		pixels.data[i] = (float)golden.pixels[i] / 255;
	const struct tensor *a = clip_encode_images(&golden.tape, golden.clip, golden.pixels, 2);
	const struct tensor *b = clip_encode_pixels(&golden.tape, golden.clip, &pixels);
	assert_memory_equal(a->data, b->data, tensor_size(a) * sizeof *a->data);
	free(pixels.data);
	golden_close(&golden);
}

static void frozen_parts_get_no_gradient(void **state)
{
	struct golden golden;

	(void)state;
	golden_open(&golden, 1);
	struct parameters *set = &golden.clip->parameters;
	const float *mean = parameters_find(set, "visual.bn1.running_mean")->tensor->data, before = mean[0];
	assert_int_equal(parameters_train(set, PART_TEXT, &golden.err), 0);
	golden.tape.recording = golden.tape.training = true;
	assert_int_equal(tape_backward(&golden.tape, loss_of(&golden)), 0);
	for (size_t i = 0; i < set->count; i++) {
		const struct parameter *parameter = &set->items[i];
		assert_true(parameter->tensor->wants_grad == (parameter->part == PART_TEXT));
	}
	assert_true(mean[0] == before && set->batches == 0);
	golden_close(&golden);
}

static void initial_values_depend_on_seed_and_name(void **state)
{
	struct golden golden;

	(void)state;
	golden_open(&golden, 1);
	struct clip *other = golden_model(&golden);
	clip_initialise(golden.clip, 1);
	clip_initialise(other, 1);
	assert_memory_equal(golden.clip->parameters.values, other->parameters.values, other->parameters.floats * sizeof(float));
	clip_initialise(other, 2);
	assert_memory_not_equal(golden.clip->parameters.values, other->parameters.values, other->parameters.floats * sizeof(float));
	const struct tensor *gain = parameters_find(&other->parameters, "visual.layer2.1.bn2.weight")->tensor;
	const struct tensor *table = parameters_find(&other->parameters, "token_embedding.weight")->tensor;
	double sum = 0;
	for (size_t i = 0; i < tensor_size(table); i++)
		sum += (double)table->data[i] * (double)table->data[i];
	assert_true(gain->data[0] == 1);
	assert_true(fabs(sqrt(sum / (double)tensor_size(table)) - .02) < .004);
	assert_true(fabs(exp((double)other->logit_scale.data[0]) * .07 - 1) < 1e-6);
	assert_null(parameters_find(&other->parameters, "visual.layer3.0.conv1.weight"));
	clip_free(other);
	golden_close(&golden);
}

static void convolutions_are_transposed_on_disk(void **state)
{
	float here[2 * 1 * 3 * 2], there[12], back[12];
	struct tensor tensor = { .rank = 4, .shape = { 2, 1, 3, 2 }, .data = here };
	struct parameter parameter = { .tensor = &tensor, .conv = true };
	size_t shape[TENSOR_RANK];

	(void)state;
	for (int i = 0; i < 12; i++)
		here[i] = (float)i;
	parameter_shape(&parameter, shape);
	assert_memory_equal(shape, ((size_t[]){ 2, 2, 1, 3 }), sizeof shape);
	parameter_export(&parameter, there);
	assert_memory_equal(there, ((float[]){ 0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11 }), sizeof there);
	tensor.data = back;
	parameter_import(&parameter, there);
	assert_memory_equal(here, back, sizeof here);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(embeddings_are_pytorchs),
		cmocka_unit_test(texts_do_not_depend_on_their_batch),
		cmocka_unit_test(gradients_equal_differences),
		cmocka_unit_test(pixels_get_gradients_of_every_tower),
		cmocka_unit_test(pixels_as_a_tensor),
		cmocka_unit_test(frozen_parts_get_no_gradient),
		cmocka_unit_test(initial_values_depend_on_seed_and_name),
		cmocka_unit_test(convolutions_are_transposed_on_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
