/* cc-score retrieval: recall of images by caption and of captions by image. */
#include "core/map.h"
#include "metric/retrieval.h"
#include "metric/vectors.h"
#include "tools/score/score.h"

#include <stdio.h>
#include <string.h>

static const struct option_spec options[] = {
	{ "group", OPTION_TEXT, offsetof(struct score_options, group), "FIELD",
		"treat records with equal FIELD as captions of one image (default: each record is an image of its own)", 'g' },
	{ "group-prefix", OPTION_TEXT, offsetof(struct score_options, group_prefix), "CHARACTER",
		"the same for keys that are equal up to the last CHARACTER: - for img0-0, img0-1; '~' for the rows of a table" },
	SCORE_SAMPLES, SCORE_FORMATS, { 0 }
};

static const struct tool_about about = {
	.name = "cc-score retrieval",
	.summary = "recall of images by caption and of captions by image",
	.usage = "[--group FIELD | --group-prefix CHARACTER] [FILE]",
	.text = "Reads records with image.npy and text.npy and keeps them in memory. image_retrieval_recall@K is the share of captions whose\n"
		"image is among the K nearest of all images; text_retrieval_recall@K is the share of images with one of their captions among\n"
		"the K nearest of all captions, counted as in open_clip and CLIP_benchmark. At equal distance the earlier record ranks first,\n"
		"so of several equal captions only the first is a hit.\n"
		"\n"
		"An image with several captions is either one record whose text.npy has a row per caption (as cc-embed makes from a list of\n"
		"captions), or several records grouped by --group or --group-prefix, which must have the same image.npy.",
	.example = "cc-shard read pairs.tar | cc-augment --size 32 | cc-embed -m good.safetensors --image --text | cc-score retrieval\n",
	.options = options,
	.arguments_max = 1,
};

struct pair {
	size_t key_end; /* end of its key in retrieval_state.keys */
	uint32_t image, text, captions; /* index of its image and first text; number of texts */
};

struct retrieval_state {
	struct retrieval retrieval;
	struct map groups;       /* names of groups, in the order of their images */
	struct buf keys, pairs;  /* of each record, if --samples is given */
	struct buf name;         /* of the current group */
};

static int start(struct score *score)
{
	const char *prefix = score->options.group_prefix;

	if (prefix && score->options.group)
		return tool_usage(&score->tool, "--group and --group-prefix cannot be combined");
	if (prefix && strlen(prefix) != 1)
		return tool_usage(&score->tool, "--group-prefix: '%s' is not a single character, such as -", prefix);
	return 0;
}

static int name_group(struct score *score, struct buf *name, const struct record *record, struct err *err)
{
	const struct field *field = score->options.group ? record_find(record, score->options.group) : NULL;
	size_t size = record->key.size;

	buf_clear(name);
	if (!score->options.group) {
		while (size && record->key.data[size - 1] != (unsigned char)*score->options.group_prefix)
			size--;
		buf_append(name, record->key.data, size ? size - 1 : record->key.size);
		return 0;
	}
	if (!field || (field->kind != FIELD_STRING && field->kind != FIELD_BYTES && field->kind != FIELD_INTEGER))
		return err_set(err, "%s: the record has no text or number of this name", score->options.group);
	if (field->kind == FIELD_INTEGER)
		buf_printf(name, "%lld", (long long)field->integer);
	else
		buf_append_span(name, field->bytes);
	return 0;
}

/* Tolerates differences in the last bits, which depend on the batch size. */
static bool is_same_image(const struct retrieval *retrieval, size_t number, const struct embedding *image)
{
	const float *first = (const float *)(const void *)retrieval->image_rows.data + number * retrieval->width;
	double difference = 0, square = 0;

	for (size_t i = 0; i < image->width; i++) {
		const double a = (double)first[i], b = (double)image->data[i];
		difference += (a - b) * (a - b);
		square += a * a;
	}
	return difference <= 1e-6 * square;
}

/* Sets the index of the record's image, which is added if it is new. */
static enum score_verdict find_image(struct score *score, const struct record *record, uint32_t *number, struct err *err)
{
	struct retrieval_state *state = score->state;
	struct retrieval *retrieval = &state->retrieval;
	const struct embedding *image = &score->image;

	*number = (uint32_t)retrieval->images;
	if (score->options.group || score->options.group_prefix) {
		if (name_group(score, &state->name, record, err))
			return SCORE_BAD;
		const int64_t group = state->name.failed ? -1 : map_add(&state->groups, buf_span(&state->name));
		if (group < 0) {
			err_memory(err);
			return SCORE_FAIL;
		}
		*number = (uint32_t)group;
	}
	if (*number == retrieval->images)
		return retrieval_add_image(retrieval, image->data, image->width, err) ? SCORE_FAIL : SCORE_DONE;
	if (image->width == retrieval->width && is_same_image(retrieval, *number, image))
		return SCORE_DONE;
	err_set(err, "%.*s: image.npy differs from that of another record in the group '%.*s'", span_shown(record->key, 200),
		(const char *)record->key.data, span_shown(buf_span(&state->name), 200), (const char *)state->name.data);
	return SCORE_FAIL;
}

static enum score_verdict add(struct score *score, const struct record *record, struct err *err)
{
	struct retrieval_state *state = score->state;
	const struct embedding *image = &score->image, *text = &score->text;
	struct pair pair = { .text = (uint32_t)state->retrieval.texts };

	if (embedding_read(&score->image, record, "image.npy", err) || embedding_read_rows(&score->text, record, "text.npy", err))
		return SCORE_BAD;
	if (image->width != text->width) {
		err_set(err, "image.npy has %zu numbers, text.npy %zu", image->width, text->width);
		return SCORE_FAIL;
	}
	const enum score_verdict verdict = find_image(score, record, &pair.image, err);
	if (verdict != SCORE_DONE)
		return verdict;
	for (size_t i = 0; i < text->rows; i++)
		if (retrieval_add_text(&state->retrieval, text->data + i * text->width, text->width, pair.image, err))
			return SCORE_FAIL;
	pair.captions = (uint32_t)text->rows;
	if (score->options.samples) {
		buf_append_span(&state->keys, record->key);
		pair.key_end = state->keys.size;
		buf_append(&state->pairs, &pair, sizeof pair);
	}
	return SCORE_DONE;
}

static int report_ranks(struct score *score, const char *task, const uint32_t *ranks, size_t n)
{
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

/* A number if the record has one caption, otherwise a list. */
static struct value ranks_value(const struct pair *pair, const uint32_t *ranks, struct arena *arena)
{
	struct value list = value_array();

	if (pair->captions == 1)
		return value_integer(ranks[pair->text]);
	for (uint32_t i = 0; i < pair->captions; i++)
		value_push(&list, value_integer(ranks[pair->text + i]), arena);
	return list;
}

static int write_samples(struct score *score, const uint32_t *image_ranks, const uint32_t *text_ranks)
{
	const struct retrieval_state *state = score->state;
	struct pair pair;
	size_t begin = 0;

	for (size_t i = 0; i < state->pairs.size / sizeof pair; i++, begin = pair.key_end) {
		struct arena *arena = score_samples_begin(&score->samples);
		struct value sample = value_map();
		memcpy(&pair, state->pairs.data + i * sizeof pair, sizeof pair);
		struct record record = { .key = span_of(state->keys.data + begin, pair.key_end - begin) };
		value_set(&sample, "image_rank", ranks_value(&pair, image_ranks, arena), arena);
		value_set(&sample, "text_rank", value_integer(text_ranks[pair.image]), arena);
		if (score_samples_write(&score->samples, &record, &sample, &score->tool.err))
			return -1;
	}
	return 0;
}

/* With equal rows, recall depends on the order of the records. */
static int warn_of_equal(struct score *score, bool images, const struct buf *rows, size_t n, size_t width)
{
	struct tool *tool = &score->tool;
	struct repeats repeats;

	if (vectors_repeats((const float *)(const void *)rows->data, n, width, &repeats, &tool->err))
		return -1;
	if (repeats.count && images)
		tool_warn(tool,
			"warning: %zu of %zu images equal an earlier one bit for bit (image %zu equals image %zu); the earlier one ranks first; "
			"use --group FIELD or --group-prefix CHARACTER if these are captions of one image",
			repeats.count, n, repeats.row, repeats.earlier);
	else if (repeats.count)
		tool_warn(tool,
			"warning: %zu of %zu captions equal an earlier one bit for bit (caption %zu equals caption %zu); the earlier one ranks "
			"first",
			repeats.count, n, repeats.row, repeats.earlier);
	return 0;
}

static void report_sizes(struct score *score, const struct retrieval *retrieval)
{
	struct report *report = &score->report;

	report->n = retrieval->texts;
	report_setting(report, "candidates", value_integer((int64_t)retrieval->images));
	if (retrieval->texts != retrieval->images)
		report_setting(report, "captions", value_integer((int64_t)retrieval->texts));
	if (score->options.group)
		report_setting(report, "group", value_string(score->options.group));
	if (score->options.group_prefix)
		report_setting(report, "group_prefix", value_string(score->options.group_prefix));
}

static int finish(struct score *score)
{
	const struct retrieval_state *state = score->state;
	const struct retrieval *retrieval = &state->retrieval;
	struct err *err = &score->tool.err;

	if (retrieval->texts == 0)
		return err_set(err, "no pairs to score");
	if (state->keys.failed || state->pairs.failed)
		return err_memory(err);
	if (warn_of_equal(score, true, &retrieval->image_rows, retrieval->images, retrieval->width) ||
		warn_of_equal(score, false, &retrieval->text_rows, retrieval->texts, retrieval->width))
		return -1;
	uint32_t *image_ranks = arena_zeroed(&score->tool.arena, retrieval->texts, sizeof *image_ranks);
	uint32_t *text_ranks = arena_zeroed(&score->tool.arena, retrieval->images, sizeof *text_ranks);
	if (!image_ranks || !text_ranks)
		return err_memory(err);
	struct pool *pool = pool_new((size_t)score->tool.jobs, err);
	if (!pool)
		return -1;
	const int status =
		retrieval_ranks(retrieval, false, pool, image_ranks, err) || retrieval_ranks(retrieval, true, pool, text_ranks, err);
	pool_free(pool);
	if (status)
		return -1;
	report_sizes(score, retrieval);
	if (report_ranks(score, "image", image_ranks, retrieval->texts) || report_ranks(score, "text", text_ranks, retrieval->images))
		return -1;
	return write_samples(score, image_ranks, text_ranks);
}

static void free_state(void *context)
{
	struct retrieval_state *state = context;

	retrieval_free(&state->retrieval);
	map_free(&state->groups);
	buf_free(&state->keys);
	buf_free(&state->pairs);
	buf_free(&state->name);
}

const struct metric metric_retrieval = {
	.name = "retrieval",
	.about = &about,
	.state_size = sizeof(struct retrieval_state),
	.start = start,
	.add = add,
	.finish = finish,
	.free = free_state,
};
