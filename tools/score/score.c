#include "tools/score/score.h"

#include "metric/vectors.h"
#include "tools/cli/print.h"

#include <math.h>
#include <string.h>

enum { DIGITS_SHOWN = 12 }; /* of a digest */

/* Notices a model that gives every image the same vector. */
static void compare_images(struct score *score)
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
		err_set(err, "cls: %lld is not a class of --classes, which has %zu", (long long)class, classes->count);
	else if (image->width != classes->width)
		err_set(err, "image.npy has %zu numbers, the classes %zu; they are of different models", image->width, classes->width);
	else if (class_scores(&score->vectors, image->data, score->scores, err) == 0)
		verdict = SCORE_DONE;
	if (verdict == SCORE_DONE)
		compare_images(score);
	*label = verdict == SCORE_DONE ? (size_t)class : 0;
	return verdict;
}

static int refuse_class(struct score *score, size_t class, const char *why)
{
	const struct span name = score->classes.names[class];

	return err_set(&score->tool.err, "%s: class %zu (%.*s): %s", score->options.classes, class, span_shown(name, 255),
		(const char *)name.data, why);
}

/* Prompts must not be zero; the rows of a head may be anything finite. */
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
			return refuse_class(score, i, "contains numbers that are not finite");
		if (squares == 0 && !classes->bias)
			return refuse_class(score, i, "all numbers are zero");
	}
	if (classes->count == 1)
		tool_warn(tool, "warning: %s: only one class, so every image is classified as it", score->options.classes);
	if (classes->bias)
		return 0;
	if (vectors_repeats(classes->weights, classes->count, classes->width, &repeats, &tool->err))
		return -1;
	if (classes->count > 1 && repeats.count == classes->count - 1)
		return err_set(&tool->err, "%s: the vectors of all %zu classes are equal; no image can be classified",
			score->options.classes, classes->count);
	if (repeats.count)
		tool_warn(tool,
			"warning: %s: %zu of %zu classes have the vector of an earlier class (class %zu that of class %zu) and are never predicted",
			score->options.classes, repeats.count, classes->count, repeats.row, repeats.earlier);
	return 0;
}

static int read_classes(struct score *score)
{
	struct tool *tool = &score->tool;
	struct classifier *classes = &score->classes;

	if (!score->options.classes)
		return tool_usage(tool, "--classes FILE is missing; make one with `cc-embed -m MODEL --prompts CLASSES -o FILE`");
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

	if (score->options.tsv + score->options.json + score->options.table > 1)
		return tool_usage(tool, "--json, --table and --tsv cannot be combined");
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
			status = err_set(&tool->err, "the stream has a second epoch; scores cover exactly one");
	}
	record_free(&record);
	return status;
}

static void warn(struct score *score)
{
	if (score->classified > 1 && !score->differ)
		tool_warn(&score->tool, "warning: image.npy is the same in all %llu records; the score does not depend on the images",
			(unsigned long long)score->classified);
}

static void list_metrics(const struct report *report, struct buf *out)
{
	static const struct text_table_column columns[] = { { 0 }, { .right = true }, { 0 }, { 0 } };
	const struct value *metrics = &report->metrics;
	struct text_table table;

	text_table_init(&table, columns, 4);
	text_table_row(&table, report->metric, "value", "95% interval", "records");
	for (size_t i = 0; i < metrics->list.count; i++) {
		const char *name = (const char *)metrics->list.items[2 * i].string.data; /* a C string: see report_number */
		const struct value *interval = value_get(&report->intervals, name), *counts = value_get(&report->counts, name);
		text_table_format(&table, "%s", name);
		text_table_format(&table, "%.4f", metrics->list.items[2 * i + 1].real);
		if (interval)
			text_table_format(&table, "%.4f to %.4f", interval->list.items[0].real, interval->list.items[1].real);
		else
			text_table_format(&table, "-");
		if (counts)
			text_table_format(
				&table, "%lld of %lld", (long long)counts->list.items[0].integer, (long long)counts->list.items[1].integer);
		else
			text_table_format(&table, "%llu", (unsigned long long)report->n);
	}
	text_table_print(&table, out);
}

static uint64_t count_bad(const struct value *bad)
{
	uint64_t count = 0;

	for (size_t i = 0; i < bad->list.count; i++)
		count += (uint64_t)value_integer_or(&bad->list.items[2 * i + 1], 0);
	return count;
}

/* Digests are shortened: JSON has them in full. */
static void list_protocol(const struct report *report, struct buf *out)
{
	static const struct text_table_column columns[] = { { 0 }, { 0 } };
	const struct span model = value_string_or(&report->model, "-"), dataset = value_string_or(&report->dataset, "-");
	const struct span target = value_string_or(value_get(&report->settings, "target"), "");
	struct text_table table;

	text_table_init(&table, columns, 2);
	if (target.size) {
		text_table_format(&table, "target");
		text_table_cell(&table, target);
	}
	text_table_format(&table, "model");
	text_table_cell(&table, span_of(model.data, (size_t)span_shown(model, DIGITS_SHOWN)));
	text_table_format(&table, "data");
	text_table_cell(&table, span_of(dataset.data, (size_t)span_shown(dataset, DIGITS_SHOWN)));
	text_table_format(&table, "bad records");
	text_table_format(&table, "%llu", (unsigned long long)count_bad(&report->bad));
	text_table_print(&table, out);
}

static int report_table(const struct report *report, struct buf *out, struct err *err)
{
	list_metrics(report, out);
	buf_append_byte(out, '\n');
	list_protocol(report, out);
	return out->failed ? err_memory(err) : 0;
}

static int format_report(struct score *score, struct buf *out)
{
	const struct score_options *opt = &score->options;
	struct err *err = &score->tool.err;

	if (opt->tsv)
		return report_tsv(&score->report, out, err);
	if (opt->table || (!opt->json && tool_prints_to_terminal(&score->tool)))
		return report_table(&score->report, out, err);
	return report_json(&score->report, out, err);
}

/* Prints nothing before the samples are complete. */
static int print(struct score *score)
{
	struct buf text = { 0 };
	struct tool *tool = &score->tool;

	warn(score);
	int status = format_report(score, &text);
	if (status == 0)
		status = tool_print_open(tool) || score_samples_close(&score->samples, &tool->in.tail, &tool->err) ||
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
