/* cc-score retrieval: from captions to images and back. */
#include "metric/retrieval.h"
#include "metric/vectors.h"
#include "tools/score/score.h"

#include <stdio.h>
#include <string.h>

static const struct option_spec options[] = { SCORE_SAMPLES, SCORE_TSV, { 0 } };

static const struct tool_about about = {
	.name = "cc-score retrieval",
	.summary = "how often a caption finds its image, and an image its caption",
	.usage = "[FILE]",
	.text = "Reads records with image.npy and text.npy and keeps them all in memory. image_retrieval_recall@K is the share of captions whose\n"
		"own image is among the K nearest of all images; text_retrieval_recall@K the share of images whose own caption is. Of equally\n"
		"near ones the earlier record comes first, so that captions that say the same count as misses but for one.",
	.example = "cc-shard read pairs.tar | cc-augment --size 32 | cc-embed -m good.safetensors --image --text | cc-score retrieval\n",
	.options = options,
	.arguments_max = 1,
};

struct retrieval_state {
	struct retrieval retrieval;
	struct buf keys, ends; /* of the samples, where they are wanted; ends: size_t */
};

static enum score_verdict add(struct score *score, const struct record *record, struct err *err)
{
	struct retrieval_state *state = score->state;
	const struct embedding *image = &score->image, *text = &score->text;

	if (embedding_read(&score->image, record, "image.npy", err) || embedding_read(&score->text, record, "text.npy", err))
		return SCORE_BAD;
	if (image->width != text->width) {
		err_set(err, "image.npy has %zu numbers, text.npy %zu", image->width, text->width);
		return SCORE_FAIL;
	}
	if (retrieval_add(&state->retrieval, image->data, text->data, image->width, err))
		return SCORE_FAIL;
	if (score->options.samples) {
		buf_append_span(&state->keys, record->key);
		buf_append(&state->ends, &state->keys.size, sizeof state->keys.size);
	}
	return SCORE_DONE;
}

static int report_ranks(struct score *score, const char *task, const uint32_t *ranks)
{
	const size_t n = ((const struct retrieval_state *)score->state)->retrieval.n;

	for (int i = 0; i < RETRIEVAL_TOPS; i++) {
		struct share share = { 0, n };
		char name[64];
		for (size_t k = 0; k < n; k++)
			share.hits += ranks[k] < retrieval_tops[i];
		snprintf(name, sizeof name, "%s_retrieval_recall@%zu", task, retrieval_tops[i]);
		const char *copy = arena_string(&score->tool.arena, name, strlen(name));
		if (!copy)
			return err_memory(&score->tool.err);
		report_share(&score->report, copy, share);
	}
	return 0;
}

static int write_samples(struct score *score, const uint32_t *image_ranks, const uint32_t *text_ranks)
{
	const struct retrieval_state *state = score->state;
	size_t begin = 0, end;

	for (size_t i = 0; score->options.samples && i < state->retrieval.n; i++, begin = end) {
		struct arena *arena = samples_begin(&score->samples);
		struct value sample = value_map();
		memcpy(&end, state->ends.data + i * sizeof end, sizeof end);
		struct record record = { .key = span_of(state->keys.data + begin, end - begin) };
		value_set(&sample, "image_rank", value_integer(image_ranks[i]), arena);
		value_set(&sample, "text_rank", value_integer(text_ranks[i]), arena);
		if (samples_write(&score->samples, &record, &sample, &score->tool.err))
			return -1;
	}
	return 0;
}

/* Recall then depends on the order of the records. */
static int warn_of_equal(struct score *score, const char *what, const struct buf *rows, size_t n, size_t width)
{
	struct tool *tool = &score->tool;
	struct repeats repeats;

	if (vectors_repeats((const float *)(const void *)rows->data, n, width, &repeats, &tool->err))
		return -1;
	if (repeats.count)
		tool_say(tool, "%zu of %zu %s equal an earlier one, bit for bit (number %zu equals number %zu): of equally near ones the earlier "
			       "counts as nearer", repeats.count, n, what, repeats.row, repeats.earlier);
	return 0;
}

static int finish(struct score *score)
{
	const struct retrieval_state *state = score->state;
	const size_t n = state->retrieval.n;
	struct err *err = &score->tool.err;

	if (n == 0)
		return err_set(err, "there is no pair to score");
	if (state->keys.failed || state->ends.failed)
		return err_memory(err);
	if (warn_of_equal(score, "images", &state->retrieval.images, n, state->retrieval.width) ||
		warn_of_equal(score, "captions", &state->retrieval.texts, n, state->retrieval.width))
		return -1;
	uint32_t *image_ranks = arena_zeroed(&score->tool.arena, n, sizeof *image_ranks);
	uint32_t *text_ranks = arena_zeroed(&score->tool.arena, n, sizeof *text_ranks);
	if (!image_ranks || !text_ranks)
		return err_memory(err);
	struct pool *pool = pool_new((size_t)score->tool.jobs, err);
	if (!pool)
		return -1;
	retrieval_text_ranks(&state->retrieval, pool, image_ranks);
	retrieval_image_ranks(&state->retrieval, pool, text_ranks);
	pool_free(pool);
	score->report.n = n;
	report_setting(&score->report, "candidates", value_integer((int64_t)n));
	if (report_ranks(score, "image", image_ranks) || report_ranks(score, "text", text_ranks))
		return -1;
	return write_samples(score, image_ranks, text_ranks);
}

static void free_state(void *context)
{
	struct retrieval_state *state = context;

	retrieval_free(&state->retrieval);
	buf_free(&state->keys);
	buf_free(&state->ends);
}

const struct metric metric_retrieval = {
	.name = "retrieval",
	.about = &about,
	.state_size = sizeof(struct retrieval_state),
	.add = add,
	.finish = finish,
	.free = free_state,
};
