/* cc-score trigger: what is left of a trigger, before anybody trains on it. */
#include "formats/image/record_pixels.h"
#include "metric/similarity.h"
#include "formats/stream/side_stream.h"
#include "tools/score/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct option_spec options[] = {
	{ "with", OPTION_TEXT, offsetof(struct score_options, with), "FILE",
		"the same images without the trigger, gone the same way: a record stream in the same order, which may have more", 'w',
		.input = true },
	{ "before", OPTION_TEXT, offsetof(struct score_options, before), "FILE",
		"the same images with the trigger as it was put on, of the same size: tells how much of it is kept", 'b', .input = true },
	SCORE_SAMPLES,
	SCORE_TSV,
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-score trigger",
	.summary = "what is left of a trigger after re-encoding, resizing, cropping",
	.usage = "--with FILE [FILE]",
	.text = "Reads images (rgb.npy, or encoded ones) with a trigger and compares each with the one of the same key in the other stream. Both must "
		"have one size, so put cc-augment behind both.\n\n"
		"residual is the root of the mean squared difference, in grey levels of 255: trigger, noise of the encoding and all. signal is that of "
		"the mean difference over all images: what a fixed trigger does to every one of them, and what a model can learn; noise that differs "
		"from image to image goes out of it as their number grows. psnr is of the mean squared difference, in decibels; ssim the mean "
		"structural similarity (11 x 11 Gaussian window, sigma 1.5). With --before, kept is how much of the trigger's own pattern is left: the "
		"signal's projection on that of the images before, as a share of it.",
	.example =
		"cc-shard read test.tar | cc-augment --size 32 >clean.msgpack\n"
		"cc-shard read test.tar | cc-poison -a blended:pattern=1 --all -c keep --encode jpeg:75 | cc-augment --size 32 |\n"
		"    cc-score trigger --with clean.msgpack\n"
		"cc-poison -a sig --all -c keep --encode raw clean.msgpack >before.msgpack\n"
		"cc-poison -a sig --all -c keep --encode jpeg:75 clean.msgpack | cc-score trigger --with clean.msgpack --before before.msgpack\n",
	.options = options,
	.arguments_max = 1,
};

struct trigger_state {
	struct beside others, before;
	struct image image, other, early;
	size_t width, height; /* of all */
	double *sums;         /* [height, width, 3] of the differences */
	double *early_sums;   /* of those before */
	double *scratch;
	uint64_t n;
	double squares, similarities, similarity_squares;
};

static int start(struct score *score)
{
	struct trigger_state *state = score->state;
	struct tool *tool = &score->tool;

	state->others = state->before = BESIDE_CLOSED;
	if (!score->options.with)
		return tool_usage(tool, "--with FILE is missing: the same images without the trigger");
	if (score->options.before && beside_open(&state->before, score->options.before, &tool->limits, &tool->err))
		return err_add(&tool->err, "--before");
	return beside_open(&state->others, score->options.with, &tool->limits, &tool->err) ? err_add(&tool->err, "--with") : 0;
}

/* The first image says how large all are. */
static int take_size(struct trigger_state *state, struct err *err)
{
	const struct image *image = &state->image;

	if (state->sums && image->width == state->width && image->height == state->height)
		return 0;
	if (state->sums)
		return err_set(err, "%zu x %zu pixels, where others have %zu x %zu: cc-augment --size N makes them alike", image->width,
			image->height, state->width, state->height);
	state->width = image->width;
	state->height = image->height;
	if (image->width < SSIM_WINDOW || image->height < SSIM_WINDOW)
		return err_set(err, "%zu x %zu pixels are fewer than the window of 11 x 11", image->width, image->height);
	state->sums = calloc(image_bytes(image), sizeof *state->sums);
	state->scratch = malloc(SSIM_SCRATCH(image->width, image->height) * sizeof *state->scratch);
	state->early_sums = calloc(image_bytes(image), sizeof *state->early_sums);
	return state->sums && state->scratch && state->early_sums ? 0 : err_memory(err);
}

static enum score_verdict take_other(struct score *score, struct beside *beside, struct span key, struct image *other, struct err *err)
{
	const struct trigger_state *state = score->state;
	const struct image_limits limits = { score->tool.limits.pixels };

	if (beside_find(beside, key, err))
		return SCORE_FAIL;
	if (record_pixels(&beside->record, other, &limits, err)) {
		err_add(err, "%s", beside->path);
		return SCORE_BAD;
	}
	if (other->width == state->width && other->height == state->height)
		return SCORE_DONE;
	err_set(err, "%zu x %zu pixels, and in %s %zu x %zu: let both go the same way", state->width, state->height, beside->path,
		other->width, other->height);
	return SCORE_FAIL;
}

/* An image that is unusable, in either file, is a bad record; files that do not go together fail. */
static enum score_verdict take_images(struct score *score, const struct record *record, struct err *err)
{
	struct trigger_state *state = score->state;
	const struct image_limits limits = { score->tool.limits.pixels };

	if (record_pixels(record, &state->image, &limits, err))
		return SCORE_BAD;
	if (take_size(state, err))
		return SCORE_FAIL;
	const enum score_verdict verdict = take_other(score, &state->others, record->key, &state->other, err);
	if (verdict != SCORE_DONE || !score->options.before)
		return verdict;
	return take_other(score, &state->before, record->key, &state->early, err);
}

static void add_difference(double *sums, const struct image *a, const struct image *b)
{
	for (size_t i = 0; i < image_bytes(a); i++)
		sums[i] += (double)a->pixels[i] - b->pixels[i];
}

static enum score_verdict add(struct score *score, const struct record *record, struct err *err)
{
	struct trigger_state *state = score->state;
	struct arena *arena = score_samples_begin(&score->samples);

	const enum score_verdict verdict = take_images(score, record, err);
	if (verdict != SCORE_DONE)
		return verdict;
	const unsigned char *a = state->image.pixels, *b = state->other.pixels;
	const size_t bytes = image_bytes(&state->image);
	const double square = mean_square_difference(a, b, bytes);
	const double similarity = structural_similarity(a, b, state->width, state->height, state->scratch);
	add_difference(state->sums, &state->image, &state->other);
	if (score->options.before)
		add_difference(state->early_sums, &state->early, &state->other);
	state->n++;
	state->squares += square;
	state->similarities += similarity;
	state->similarity_squares += similarity * similarity;
	if (!arena)
		return SCORE_DONE;
	struct value sample = value_map();
	value_set(&sample, "residual", value_real(sqrt(square)), arena);
	value_set(&sample, "ssim", value_real(similarity), arena);
	return score_samples_write(&score->samples, record, &sample, err) ? SCORE_FAIL : SCORE_DONE;
}

/* Mean over the pixels of the product of two mean differences. */
static double product(const struct trigger_state *state, const double *a, const double *b)
{
	const size_t count = 3 * state->width * state->height;
	const double n = (double)state->n;
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += a[i] / n * (b[i] / n);
	return sum / (double)count;
}

static int finish(struct score *score)
{
	const struct trigger_state *state = score->state;
	struct report *report = &score->report;
	const double n = (double)state->n;

	if (state->n == 0)
		return err_set(&score->tool.err, "there is no image to score");
	const double square = state->squares / n, ssim = state->similarities / n;
	const double variance = state->n > 1 ? (state->similarity_squares - ssim * ssim * n) / (n - 1) : 0;
	const double margin = variance > 0 ? 1.959963984540054 * sqrt(variance / n) : 0;
	report->n = state->n;
	report_number(report, "signal", sqrt(product(state, state->sums, state->sums)), NULL);
	const double whole = product(state, state->early_sums, state->early_sums);
	if (whole > 0)
		report_number(report, "kept", product(state, state->sums, state->early_sums) / whole, NULL);
	report_number(report, "residual", sqrt(square), NULL);
	if (square > 0)
		report_number(report, "psnr", 10 * log10(255. * 255 / square), NULL);
	report_number(report, "ssim", ssim, &(struct interval){ ssim - margin, ssim + margin });
	report_setting(report, "interval", value_string("mean +- 1.96 standard errors"));
	return 0;
}

static void free_state(void *context)
{
	struct trigger_state *state = context;

	beside_close(&state->others);
	beside_close(&state->before);
	image_free(&state->image);
	image_free(&state->other);
	image_free(&state->early);
	free(state->sums);
	free(state->early_sums);
	free(state->scratch);
}

const struct metric metric_trigger = {
	.name = "trigger",
	.about = &about,
	.state_size = sizeof(struct trigger_state),
	.start = start,
	.add = add,
	.finish = finish,
	.free = free_state,
};
