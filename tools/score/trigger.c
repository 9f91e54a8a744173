/* cc-score trigger: strength of a trigger in images, as a model would see them. */
#include "formats/image/record_pixels.h"
#include "metric/similarity.h"
#include "formats/stream/stream.h"
#include "tools/score/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct option_spec options[] = {
	{ "with", OPTION_TEXT, offsetof(struct score_options, with), "FILE",
		"stream of the same images without the trigger, processed alike, in the same order; it may have more records (required)",
		'w', .input = true },
	{ "before", OPTION_TEXT, offsetof(struct score_options, before), "FILE",
		"stream of the same images with the unprocessed trigger, of the same size, to measure how much of it is kept", 'b',
		.input = true },
	SCORE_SAMPLES,
	SCORE_FORMATS,
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-score trigger",
	.summary = "strength of a trigger after re-encoding, resizing and cropping",
	.usage = "--with FILE [FILE]",
	.text = "Reads images with a trigger (rgb.npy or encoded) and compares each with the image of the same key in the stream of --with. All "
		"images must have the same size; use cc-augment on both streams.\n\n"
		"residual is the root mean squared difference in grey levels (0 to 255), which includes trigger and encoding noise. signal is "
		"the root mean square of the mean difference over all images: what a fixed trigger adds to every image and a model can learn. Noise "
		"that differs from image to image averages out. psnr is the peak signal-to-noise ratio in decibels, and ssim the mean structural "
		"similarity (11 x 11 Gaussian window, sigma 1.5). With --before, kept is the share of the original pattern that is left: the "
		"projection of the signal on that of the unprocessed images.",
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
	struct side_stream others, before;
	struct image image, other, unprocessed;
	size_t width, height;     /* of all images */
	double *sums;             /* [height, width, 3], of the differences */
	double *unprocessed_sums; /* the same, of the images of --before */
	double *scratch;
	uint64_t n;
	double squares, similarities, similarity_squares;
};

static int start(struct score *score)
{
	struct trigger_state *state = score->state;
	struct tool *tool = &score->tool;

	state->others = state->before = SIDE_STREAM_CLOSED;
	if (!score->options.with)
		return tool_usage(tool, "--with FILE is missing, the same images without the trigger");
	if (score->options.before && side_stream_open(&state->before, score->options.before, &tool->limits, &tool->err))
		return err_add(&tool->err, "--before");
	return side_stream_open(&state->others, score->options.with, &tool->limits, &tool->err) ? err_add(&tool->err, "--with") : 0;
}

/* All images must have the size of the first. */
static int check_size(struct trigger_state *state, struct err *err)
{
	const struct image *image = &state->image;

	if (state->sums && image->width == state->width && image->height == state->height)
		return 0;
	if (state->sums)
		return err_set(err, "%zu x %zu pixels, earlier images have %zu x %zu; `cc-augment --size N` makes them equal", image->width,
			image->height, state->width, state->height);
	state->width = image->width;
	state->height = image->height;
	if (image->width < SSIM_WINDOW || image->height < SSIM_WINDOW)
		return err_set(err, "%zu x %zu pixels, fewer than the SSIM window of 11 x 11", image->width, image->height);
	state->sums = calloc(image_bytes(image), sizeof *state->sums);
	state->scratch = malloc(SSIM_SCRATCH(image->width, image->height) * sizeof *state->scratch);
	state->unprocessed_sums = calloc(image_bytes(image), sizeof *state->unprocessed_sums);
	return state->sums && state->scratch && state->unprocessed_sums ? 0 : err_memory(err);
}

static enum score_verdict read_other(struct score *score, struct side_stream *side, struct span key, struct image *other, struct err *err)
{
	const struct trigger_state *state = score->state;
	const struct image_limits limits = { score->tool.limits.pixels };

	if (side_stream_find(side, key, err))
		return SCORE_FAIL;
	if (record_pixels(&side->record, other, &limits, err)) {
		err_add(err, "%s", side->path);
		return SCORE_BAD;
	}
	if (other->width == state->width && other->height == state->height)
		return SCORE_DONE;
	err_set(err, "%zu x %zu pixels, but in %s %zu x %zu; process both alike", state->width, state->height, side->path, other->width,
		other->height);
	return SCORE_FAIL;
}

/* An unusable image in any of the streams is a bad record; streams that do not match fail the run. */
static enum score_verdict read_images(struct score *score, const struct record *record, struct err *err)
{
	struct trigger_state *state = score->state;
	const struct image_limits limits = { score->tool.limits.pixels };

	if (record_pixels(record, &state->image, &limits, err))
		return SCORE_BAD;
	if (check_size(state, err))
		return SCORE_FAIL;
	const enum score_verdict verdict = read_other(score, &state->others, record->key, &state->other, err);
	if (verdict != SCORE_DONE || !score->options.before)
		return verdict;
	return read_other(score, &state->before, record->key, &state->unprocessed, err);
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

	const enum score_verdict verdict = read_images(score, record, err);
	if (verdict != SCORE_DONE)
		return verdict;
	const unsigned char *a = state->image.pixels, *b = state->other.pixels;
	const size_t bytes = image_bytes(&state->image);
	const double square = mean_square_difference(a, b, bytes);
	const double similarity = structural_similarity(a, b, state->width, state->height, state->scratch);
	add_difference(state->sums, &state->image, &state->other);
	if (score->options.before)
		add_difference(state->unprocessed_sums, &state->unprocessed, &state->other);
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

/* Mean over all pixels of the product of two mean differences. */
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
		return err_set(&score->tool.err, "no images to score");
	const double square = state->squares / n, ssim = state->similarities / n;
	const double variance = state->n > 1 ? (state->similarity_squares - ssim * ssim * n) / (n - 1) : 0;
	const double margin = variance > 0 ? 1.959963984540054 * sqrt(variance / n) : 0;
	report->n = state->n;
	report_number(report, "signal", sqrt(product(state, state->sums, state->sums)), NULL);
	const double whole = product(state, state->unprocessed_sums, state->unprocessed_sums);
	if (whole > 0)
		report_number(report, "kept", product(state, state->sums, state->unprocessed_sums) / whole, NULL);
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

	side_stream_close(&state->others);
	side_stream_close(&state->before);
	image_free(&state->image);
	image_free(&state->other);
	image_free(&state->unprocessed);
	free(state->sums);
	free(state->unprocessed_sums);
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
