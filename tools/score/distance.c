/* cc-score distance: distance between two embeddings of each image. */
#include "metric/distance.h"
#include "core/map.h"
#include "tools/score/score.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const struct option_spec options[] = {
	{ "with", OPTION_TEXT, offsetof(struct score_options, with), "FILE", "stream with the other embeddings, joined by key (required)",
		'w', .input = true },
	SCORE_SAMPLES,
	SCORE_FORMATS,
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-score distance",
	.summary = "distance between embeddings with and without the trigger",
	.usage = "--with FILE [FILE]",
	.text = "Reads records with image.npy and measures the Euclidean distance of each to the embedding with the same key in the file of\n"
		"--with, which is kept in memory. Both must come from the same model. cosine is the mean cosine of the pairs. A record whose\n"
		"key is not in that file is bad; keys that only that file has are counted in settings.unmatched.",
	.example = "cc-score distance --with clean.emb triggered.emb\n",
	.options = options,
	.arguments_max = 1,
};

struct distance_state {
	struct distance distance;
	struct map keys;   /* of the file of --with */
	struct buf floats; /* its embeddings, [keys.count, width] */
	struct buf found;  /* [keys.count] bytes, 1: the stream has the key */
	size_t width, matched; /* matched: number of keys found */
};

static int add_other(struct distance_state *state, const struct record *record, struct embedding *image, struct err *err)
{
	const size_t before = state->keys.count;

	if (embedding_read(image, record, "image.npy", err))
		return -1;
	if (before == 0)
		state->width = image->width;
	if (image->width != state->width)
		return err_set(err, "image.npy has %zu numbers, earlier ones have %zu", image->width, state->width);
	int64_t number = map_add(&state->keys, record->key);
	if (number < 0)
		return err_memory(err);
	if (number < (int64_t)before)
		return err_set(err, "duplicate key");
	buf_append(&state->floats, image->data, image->width * sizeof *image->data);
	buf_append_byte(&state->found, 0);
	return state->floats.failed || state->found.failed ? err_memory(err) : 0;
}

static int read_other(struct score *score, struct stream_reader *reader, struct err *err)
{
	struct record record = { 0 };
	int status;

	while ((status = stream_read(reader, &record, err)) > 0)
		if (status == STREAM_RECORD && add_other(score->state, &record, &score->image, err)) {
			status = err_add(err, "%.*s", span_shown(record.key, 200), (const char *)record.key.data);
			break;
		}
	record_free(&record);
	return status;
}

/* A header without a model matches any. */
static int check_models(const struct stream_reader *a, const struct stream_reader *b, struct err *err)
{
	struct span one = value_string_or(value_get(&a->header, "model"), "");
	struct span other = value_string_or(value_get(&b->header, "model"), "");

	if (one.size && other.size && !span_equal(one, other))
		return err_set(err, "embeddings come from model %.*s, but those of the input from %.*s", (int)other.size,
			(const char *)other.data, (int)one.size, (const char *)one.data);
	return 0;
}

static int start(struct score *score)
{
	struct tool *tool = &score->tool;
	struct stream_reader reader;
	int fd;

	if (!score->options.with)
		return tool_usage(tool, "--with FILE is missing");
	fd = open(score->options.with, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(&tool->err, "--with %s", score->options.with);
	int status = stream_open(&reader, fd, &tool->limits, &tool->err) || check_models(&tool->in, &reader, &tool->err) ||
		     read_other(score, &reader, &tool->err);
	if (status == 0 && reader.tail.has_digest) {
		char hex[33];
		digest_hex(reader.tail.digest, hex);
		report_setting(&score->report, "with", value_string(arena_string(&tool->arena, hex, 32)));
	}
	stream_close(&reader);
	close(fd);
	return status ? err_add(&tool->err, "--with %s", score->options.with) : 0;
}

static enum score_verdict add(struct score *score, const struct record *record, struct err *err)
{
	struct distance_state *state = score->state;
	struct arena *arena = score_samples_begin(&score->samples);
	const float *others = (const float *)(const void *)state->floats.data;
	const struct embedding *image = &score->image;

	if (embedding_read(&score->image, record, "image.npy", err))
		return SCORE_BAD;
	int64_t number = map_find(&state->keys, record->key);
	if (number == MAP_NONE) {
		err_set(err, "key not found in the file of --with");
		return SCORE_BAD;
	}
	if (image->width != state->width) {
		err_set(err, "image.npy has %zu numbers, but in the file of --with it has %zu", image->width, state->width);
		return SCORE_FAIL;
	}
	state->matched += !state->found.data[number];
	state->found.data[number] = 1;
	double distance = distance_add(&state->distance, image->data, others + (size_t)number * image->width, image->width);
	if (!arena)
		return SCORE_DONE;
	struct value sample = value_map();
	value_set(&sample, "distance", value_real(distance), arena);
	return score_samples_write(&score->samples, record, &sample, err) ? SCORE_FAIL : SCORE_DONE;
}

static int finish(struct score *score)
{
	const struct distance_state *state = score->state;
	const struct distance *distance = &state->distance;
	struct report *report = &score->report;

	if (distance->n == 0)
		return err_set(&score->tool.err, "no pairs to score");
	const double mean = distance_mean(distance), margin = distance_margin(distance);
	report->n = distance->n;
	report_number(report, "distance", mean, &(struct interval){ mean - margin, mean + margin });
	report_number(report, "standard_deviation", distance_spread(distance), NULL);
	report_number(report, "cosine", distance->cosines / (double)distance->n, NULL);
	report_setting(report, "interval", value_string("mean +- 1.96 standard errors"));
	report_setting(report, "unmatched", value_integer((int64_t)(state->keys.count - state->matched)));
	return 0;
}

static void free_state(void *context)
{
	struct distance_state *state = context;

	map_free(&state->keys);
	buf_free(&state->floats);
	buf_free(&state->found);
}

const struct metric metric_distance = {
	.name = "distance",
	.about = &about,
	.state_size = sizeof(struct distance_state),
	.start = start,
	.add = add,
	.finish = finish,
	.free = free_state,
};
