#include "tools/score/score.h"

#include "text/printable.h"
#include "tools/cli/print.h"
#include "tools/cli/tool.h"
#include "formats/report/exhibit.h"
#include "tools/cli/dependencies.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct option_spec options[] = { { 0 } };

static const struct tool_about about = {
	.name = "cc-score summary",
	.summary = "mean and spread over runs (seeds), as a table",
	.usage = "[NAME=]FILE...",
	.text = "Reads score files of cc-score. Files of one name (given in front, or the file's up to its first dot) and one metric are runs of the same: "
		"each number becomes a line with how many runs have it, their mean, standard deviation (of one run: -), lowest and highest. Columns "
		"are separated by tabs, numbers are as in the score (shares of 1), so that gnuplot, awk and cc-view report take the table.\n\n"
		"Runs of one name must have been asked the same: data, settings, classes. Where they were not, that is an error, and so is the same model "
		"twice, which would make the spread too small. Lines of different names may differ in that, and then it is said.",
	.example = "cc-score summary poisoned=1/poisoned.asr.json poisoned=2/poisoned.asr.json good=1/good.asr.json >table.tsv\n"
		   "cc-score summary 0.5=1/half.asr.json 0.5=2/half.asr.json 1=1/one.asr.json 1=2/one.asr.json >lambda2.tsv\n",
	.options = options,
	.arguments_min = 1,
	.arguments_max = SIZE_MAX,
	.files = SIZE_MAX,
};

struct summary {
	struct exhibit *scores;
	struct span *questions;
	size_t count;
	struct arena arena;
};

static bool same_row(const struct exhibit *a, const struct exhibit *b)
{
	return span_equal(a->name, b->name) && span_equal(a->result.metric, b->result.metric);
}

/* The first part of the question that two scores do not share. */
static const char *what_differs(const struct exhibit *a, const struct exhibit *b, struct arena *arena)
{
	const struct value *ours = value_get(a->result.object, "settings"), *theirs = value_get(b->result.object, "settings");

	if (!span_equal(value_string_or(value_get(a->result.object, "dataset"), ""),
		    value_string_or(value_get(b->result.object, "dataset"), "")))
		return "dataset";
	for (size_t i = 0; ours && theirs && i < ours->list.count; i++) {
		const struct span name = ours->list.items[2 * i].string;
		const char *text = arena_string(arena, name.data, name.size);
		const struct value *other = text ? value_get(theirs, text) : NULL;
		if (!other || !value_equal(other, &ours->list.items[2 * i + 1]))
			return text ? text : "settings";
	}
	return ours && theirs && ours->list.count == theirs->list.count ? "classes" : "settings";
}

static int differ(const struct exhibit *a, const struct exhibit *b, struct arena *arena, struct err *err)
{
	return err_set(err, "%s and %s were not asked the same, but are of one name, '%.*s': %s differs", a->path, b->path,
		span_shown(a->name, 255), (const char *)a->name.data, what_differs(a, b, arena));
}

/* Each against the first of its row, and against the first of its metric. */
static int check(struct tool *tool, struct summary *all, size_t i)
{
	const struct exhibit *score = &all->scores[i];
	bool told = false;

	for (size_t k = 0; k < i; k++) {
		const struct exhibit *other = &all->scores[k];
		const bool equal = span_equal(all->questions[i], all->questions[k]);
		if (same_row(score, other) && !equal)
			return differ(other, score, &all->arena, &tool->err);
		if (same_row(score, other) && score->result.model.size && span_equal(score->result.model, other->result.model))
			return err_set(&tool->err, "%s and %s are scores of the same model, not of two runs", other->path, score->path);
		if (!told && span_equal(score->result.metric, other->result.metric) && !equal) {
			tool_say(tool, "%s and %s were not asked the same: %s differs", other->path, score->path,
				what_differs(other, score, &all->arena));
			told = true;
		}
	}
	return 0;
}

static int read_scores(struct tool *tool, struct summary *all)
{
	for (; all->count < tool->argument_count; all->count++) {
		struct exhibit *score = &all->scores[all->count];
		struct span name;
		const char *path = named_file(tool->arguments[all->count], &name);
		if (exhibit_read(score, name, path, &tool->limits, &tool->err)) {
			exhibit_free(score);
			return -1;
		}
		const bool is_score = score->kind == EXHIBIT_SCORE;
		if (!is_score || result_question(&score->result, &all->questions[all->count], &all->arena, &tool->err) ||
			check(tool, all, all->count)) {
			exhibit_free(score);
			return is_score ? -1 : err_set(&tool->err, "%s: is no score of cc-score", tool->arguments[all->count]);
		}
	}
	return 0;
}

/* An empty cell would be none to awk and column. */
static void append_name(struct buf *out, struct span name)
{
	if (!name.size)
		buf_append_byte(out, '-');
	append_printable(out, name);
	buf_append_byte(out, '\t');
}

/* One number over all runs of its row. */
static void print_number(const struct summary *all, const struct exhibit *first, struct span name, struct buf *out)
{
	double sum = 0, squares = 0, lowest = INFINITY, highest = -INFINITY;
	size_t runs = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < all->count; i++) {
			const struct exhibit *score = &all->scores[i];
			const struct result_number *number = same_row(score, first) ? result_find(&score->result, name) : NULL;
			if (!number)
				continue;
			runs += pass == 0;
			sum += pass == 0 ? number->value : 0;
			squares += pass ? (number->value - sum / (double)runs) * (number->value - sum / (double)runs) : 0;
			lowest = fmin(lowest, number->value);
			highest = fmax(highest, number->value);
		}
	append_name(out, first->name);
	append_name(out, first->result.metric);
	append_name(out, name);
	buf_printf(out, "%zu\t%.9g\t", runs, sum / (double)runs);
	if (runs > 1)
		buf_printf(out, "%.9g", sqrt(squares / (double)(runs - 1)));
	else
		buf_append_byte(out, '-');
	buf_printf(out, "\t%.9g\t%.9g\t%llu\n", lowest, highest, (unsigned long long)first->result.n);
}

static bool has_before(const struct summary *all, size_t i, struct span name)
{
	for (size_t k = 0; k < i; k++)
		if (same_row(&all->scores[k], &all->scores[i]) && result_find(&all->scores[k].result, name))
			return true;
	return false;
}

static void print_rows(const struct summary *all, struct buf *out)
{
	buf_append_string(out, "name\tmetric\tnumber\truns\tmean\tsd\tlowest\thighest\tn\n");
	for (size_t i = 0; i < all->count; i++)
		for (size_t k = 0; k < all->scores[i].result.count; k++) {
			const struct span name = all->scores[i].result.numbers[k].name;
			if (!has_before(all, i, name))
				print_number(all, &all->scores[i], name, out);
		}
}

static int summarise(struct tool *tool, struct summary *all)
{
	struct buf out = { 0 };

	all->scores = calloc(tool->argument_count, sizeof *all->scores);
	all->questions = calloc(tool->argument_count, sizeof *all->questions);
	int status = all->scores && all->questions ? read_scores(tool, all) : err_memory(&tool->err);
	if (status == 0) {
		print_rows(all, &out);
		status = out.failed ? err_memory(&tool->err) : tool_print(tool, buf_span(&out));
	}
	buf_free(&out);
	return status;
}

int score_summary(int argc, char **argv)
{
	struct summary all = { 0 };
	struct tool tool;
	int none = 0;
	const int status = tool_start(&tool, &about, &none, argc, argv) || summarise(&tool, &all);
	const int code = status ? tool_fail(&tool) : tool_finish(&tool);

	for (size_t i = 0; i < all.count; i++)
		exhibit_free(&all.scores[i]);
	free(all.scores);
	free(all.questions);
	arena_free(&all.arena);
	return code;
}
