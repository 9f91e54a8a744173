#include "tools/score/score.h"

#include "metric/vectors.h"
#include "tools/cli/print.h"
#include "tools/score/protocol.h"

#include <math.h>
#include <string.h>

/* A model that gives every image the same vector has a score, but not one of its images. */
static void watch(struct score *score)
{
	const struct embedding *image = &score->image;
	const size_t bytes = image->width * sizeof *image->data;

	if (score->classified++ == 0)
		buf_append(&score->first, image->data, bytes);
	score->differ |= score->first.size != bytes || memcmp(score->first.data, image->data, bytes) != 0;
}

enum score_verdict score_classify(struct score *score, const struct record *record, size_t *label, struct err *err)
{
	const struct classifier *classes = &score->classes;
	const struct embedding *image = &score->image;
	enum score_verdict verdict = SCORE_FAIL;
	int64_t class;

	if (embedding_read(&score->image, record, "image.npy", err) || record_label(record, &class, err))
		return SCORE_BAD;
	if (class < 0 || (uint64_t)class >= classes->count)
		err_set(err, "cls: %lld is not a class: --classes has %zu", (long long)class, classes->count);
	else if (image->width != classes->width)
		err_set(err, "image.npy has %zu numbers, the classes %zu: of another model", image->width, classes->width);
	else if (class_scores(&score->vectors, image->data, score->scores, err) == 0)
		verdict = SCORE_DONE;
	if (verdict == SCORE_DONE)
		watch(score);
	*label = verdict == SCORE_DONE ? (size_t)class : 0;
	return verdict;
}

static int refuse_class(struct score *score, size_t class, const char *why)
{
	const struct span name = score->classes.names[class];

	return err_set(&score->tool.err, "%s: class %zu (%.*s): %s", score->options.classes, class, span_shown(name, 255),
		(const char *)name.data, why);
}

/* Prompts have directions; the rows of a head may be anything finite. */
static int check_vectors(struct score *score)
{
	const struct classifier *classes = &score->classes;
	struct tool *tool = &score->tool;
	struct repeats repeats;

	for (size_t i = 0; i < classes->count; i++) {
		double squares = classes->bias ? fabs((double)classes->bias[i]) : 0;
		for (size_t k = 0; k < classes->width; k++)
			squares += (double)classes->weights[i * classes->width + k] * (double)classes->weights[i * classes->width + k];
		if (!isfinite(squares))
			return refuse_class(score, i, "numbers that are not finite");
		if (squares == 0 && !classes->bias)
			return refuse_class(score, i, "all numbers are zero");
	}
	if (classes->count == 1)
		tool_warn(tool, "%s: there is one class, so every image is taken for it", score->options.classes);
	if (classes->bias)
		return 0;
	if (vectors_repeats(classes->weights, classes->count, classes->width, &repeats, &tool->err))
		return -1;
	if (classes->count > 1 && repeats.count == classes->count - 1)
		return err_set(&tool->err, "%s: the vectors of all %zu classes are equal: no image can be classified",
			score->options.classes, classes->count);
	if (repeats.count)
		tool_warn(tool,
			"%s: %zu of %zu classes have the vector of an earlier one (class %zu that of class %zu): no image is taken for them",
			score->options.classes, repeats.count, classes->count, repeats.row, repeats.earlier);
	return 0;
}

static int read_classes(struct score *score)
{
	struct tool *tool = &score->tool;
	struct classifier *classes = &score->classes;

	if (!score->options.classes)
		return tool_usage(tool, "--classes FILE is missing: `cc-embed -m MODEL --prompts CLASSES -o FILE` makes one");
	if (classifier_read(classes, score->options.classes, &tool->limits, &tool->err) || protocol_check(score) || check_vectors(score))
		return -1;
	score->vectors = (struct class_vectors){ classes->count, classes->width, classes->weights, classes->bias };
	score->scores = arena_zeroed(&tool->arena, classes->count, sizeof *score->scores);
	return score->scores ? 0 : err_memory(&tool->err);
}

static int start(struct score *score)
{
	const struct metric *metric = score->metric;
	struct tool *tool = &score->tool;

	report_init(&score->report, metric->name, &tool->arena);
	score->state = arena_zeroed(&tool->arena, 1, metric->state_size);
	if (!score->state)
		return err_memory(&tool->err);
	if ((metric->classifies && read_classes(score)) || (metric->start && metric->start(score)))
		return -1;
	if (protocol_note(score))
		return -1;
	return score_samples_open(&score->samples, score->options.samples, &tool->in.header, &tool->err);
}

/* 1: the record is done with, or was bad and that is allowed. */
static int add(struct score *score, const struct record *record)
{
	struct tool *tool = &score->tool;

	switch (score->metric->add(score, record, &tool->err)) {
	case SCORE_DONE: return 0;
	case SCORE_BAD: return tool_bad(tool, record->key, tool->err.text);
	case SCORE_FAIL: break;
	}
	return err_add(&tool->err, "%.*s", span_shown(record->key, 200), (const char *)record->key.data);
}

static int add_all(struct score *score)
{
	struct tool *tool = &score->tool;
	struct record record = { 0 };
	int state, status = 0;

	while (status == 0 && (state = tool_next(tool, &record)) != STREAM_END) {
		if (state < 0)
			status = -1;
		else if (state == STREAM_RECORD)
			status = add(score, &record);
		else if (tool->in.epoch > 0)
			status = err_set(&tool->err, "a second epoch begins: a score is of one");
	}
	record_free(&record);
	return status;
}

static void warn(struct score *score)
{
	if (score->classified > 1 && !score->differ)
		tool_warn(&score->tool, "image.npy is the same in all %llu records: the score is not one of the model on these images",
			(unsigned long long)score->classified);
}

/* Nothing is printed or gets its name before all of it is ready. */
static int print(struct score *score)
{
	struct buf text = { 0 };
	struct tool *tool = &score->tool;
	struct err *err = &tool->err;
	warn(score);
	int status = score->options.tsv ? report_tsv(&score->report, &text, err) : report_json(&score->report, &text, err);

	if (status == 0)
		status = tool_print_ready(tool) || score_samples_close(&score->samples, &tool->in.tail, err) ||
			 tool_print(tool, buf_span(&text));
	buf_free(&text);
	return status;
}

int score_main(const struct metric *metric, int argc, char **argv)
{
	struct score score = { .metric = metric };
	struct tool *tool = &score.tool;
	int status = tool_start(tool, metric->about, &score.options, argc, argv) || tool_read(tool) || start(&score) || add_all(&score) ||
		     metric->finish(&score) || protocol_finish(&score) || print(&score);

	if (score.state && metric->free)
		metric->free(score.state);
	classifier_free(&score.classes);
	buf_free(&score.first);
	embedding_free(&score.image);
	embedding_free(&score.text);
	score_samples_free(&score.samples);
	return status ? tool_fail(tool) : tool_finish(tool);
}
