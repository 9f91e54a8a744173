/* cc-score uniformity: uniformity and alignment of embeddings on the unit sphere. */
#include "metric/distance.h"
#include "tools/score/score.h"

static const struct option_spec options[] = { SCORE_SAMPLES, SCORE_FORMATS, { 0 } };

static const struct tool_about about = {
	.name = "cc-score uniformity",
	.summary = "uniformity of embeddings and alignment of image-text pairs",
	.usage = "[FILE]",
	.text = "Reads image.npy and, where present, text.npy, and keeps them in memory. uniformity is the logarithm of the mean of\n"
		"exp(-2 d^2) over all pairs of different images at distance d: 0 if all embeddings are equal, near -4 if they are spread over\n"
		"the sphere. text_uniformity is the same for texts. alignment is the mean squared distance between an image and its text\n"
		"(Wang and Isola 2020). --samples contains the cosine of each image and its text, which is the unscaled CLIP score.\n"
		"For the distance by which a trigger moves an image, see `cc-score distance`.",
	.example = "cc-embed -m good.safetensors --image --text pairs.msgpack | cc-score uniformity\n",
	.options = options,
	.arguments_max = 1,
};

struct uniformity_state {
	struct buf images, texts; /* [n, width] */
	size_t width, count, text_count;
	double squares; /* of the distances of images and their texts */
};

static int append(struct buf *all, const struct embedding *one, struct uniformity_state *state, const char *name, struct err *err)
{
	if (state->width == 0)
		state->width = one->width;
	if (one->width != state->width)
		return err_set(err, "%s has %zu numbers, earlier ones have %zu", name, one->width, state->width);
	buf_append(all, one->data, one->width * sizeof *one->data);
	return all->failed ? err_memory(err) : 0;
}

/* text: the record has text.npy, in score->text. */
static int add_pair(struct score *score, const struct record *record, bool text, struct err *err)
{
	struct uniformity_state *state = score->state;
	struct arena *arena = score_samples_begin(&score->samples);
	struct value sample = value_map();
	struct distance pair = { 0 };

	if (text) {
		distance_add(&pair, score->image.data, score->text.data, state->width);
		state->squares += pair.squares;
		state->text_count++;
	}
	if (!arena)
		return 0;
	if (text)
		value_set(&sample, "cosine", value_real(pair.cosines), arena);
	return score_samples_write(&score->samples, record, &sample, err);
}

static enum score_verdict add(struct score *score, const struct record *record, struct err *err)
{
	struct uniformity_state *state = score->state;
	const bool text = record_find(record, "text.npy") != NULL;

	if (embedding_read(&score->image, record, "image.npy", err) || (text && embedding_read(&score->text, record, "text.npy", err)))
		return SCORE_BAD;
	if (append(&state->images, &score->image, state, "image.npy", err) ||
		(text && append(&state->texts, &score->text, state, "text.npy", err)))
		return SCORE_FAIL;
	state->count++;
	return add_pair(score, record, text, err) ? SCORE_FAIL : SCORE_DONE;
}

static int report_uniformity(struct score *score, const char *name, const struct buf *points, size_t count)
{
	const struct uniformity_state *state = score->state;
	struct err *err = &score->tool.err;
	struct pool *pool = pool_new((size_t)score->tool.jobs, err);
	double value;
	int status = pool ? uniformity((const float *)(const void *)points->data, count, state->width, pool, &value, err) : -1;

	if (status == 0)
		report_number(&score->report, name, value, NULL);
	pool_free(pool);
	return status;
}

static int finish(struct score *score)
{
	const struct uniformity_state *state = score->state;

	if (state->count < 2)
		return err_set(&score->tool.err, "fewer than two images to score");
	score->report.n = state->count;
	if (report_uniformity(score, "uniformity", &state->images, state->count) ||
		(state->text_count > 1 && report_uniformity(score, "text_uniformity", &state->texts, state->text_count)))
		return -1;
	if (state->text_count)
		report_number(&score->report, "alignment", state->squares / (double)state->text_count, NULL);
	return 0;
}

static void free_state(void *context)
{
	struct uniformity_state *state = context;

	buf_free(&state->images);
	buf_free(&state->texts);
}

const struct metric metric_uniformity = {
	.name = "uniformity",
	.about = &about,
	.state_size = sizeof(struct uniformity_state),
	.add = add,
	.finish = finish,
	.free = free_state,
};
