#include "tools/score/score.h"

#include "text/printable.h"
#include "tools/cli/print.h"
#include "tools/cli/tool.h"
#include "formats/report/exhibit.h"
#include "tools/cli/dependencies.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct summary_options {
	bool table, tsv;
};

static const struct option_spec options[] = {
	{ "table", OPTION_FLAG, offsetof(struct summary_options, table), NULL, "align columns (default on a terminal)" },
	{ "tsv", OPTION_FLAG, offsetof(struct summary_options, tsv), NULL,
		"separate columns by tabs (default unless standard output is a terminal)" },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-score summary",
	.summary = "table of mean and standard deviation over several runs",
	.usage = "[NAME=]FILE...",
	.text = "Reads score files of cc-score. Files with the same name (NAME, or the file name up to its first dot) and metric are runs of one "
		"experiment. Each of their numbers becomes a row: number of runs, mean, standard deviation (- for one run), minimum and maximum. "
		"Shares are fractions of 1. On a terminal columns are aligned; otherwise they are separated by tabs, for gnuplot, awk and "
		"`cc-view report`.\n\n"
		"Runs with the same name must have the same data, settings and classes, and different models; otherwise the command fails. "
		"Differences between rows of different names are reported.",
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

/* The first part of the protocol in which two scores differ. */
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
	return err_set(err, "%s and %s are not comparable but have the same name, '%.*s': %s differs", a->path, b->path,
		span_shown(a->name, 255), (const char *)a->name.data, what_differs(a, b, arena));
}

/* Compares a score with the earlier ones of its row, and of its metric. */
static int check(struct tool *tool, struct summary *all, size_t i)
{
	const struct exhibit *score = &all->scores[i];
	bool reported = false;

	for (size_t k = 0; k < i; k++) {
		const struct exhibit *other = &all->scores[k];
		const bool equal = span_equal(all->questions[i], all->questions[k]);
		if (same_row(score, other) && !equal)
			return differ(other, score, &all->arena, &tool->err);
		if (same_row(score, other) && score->result.model.size && span_equal(score->result.model, other->result.model))
			return err_set(&tool->err, "%s and %s are scores of the same model, not of two runs", other->path, score->path);
		if (!reported && span_equal(score->result.metric, other->result.metric) && !equal) {
			tool_say(tool, "%s and %s are not comparable: %s differs", other->path, score->path,
				what_differs(other, score, &all->arena));
			reported = true;
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
			return is_score ? -1 : err_set(&tool->err, "%s: not a score file of cc-score", tool->arguments[all->count]);
		}
	}
	return 0;
}

/* An empty name is printed as -, since awk and column ignore empty cells. */
static void append_name(struct buf *out, struct span name)
{
	if (!name.size)
		buf_append_byte(out, '-');
	append_printable(out, name);
	buf_append_byte(out, '\t');
}

/* A row: one number over all runs. */
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

static const struct text_table_column columns[] = { { 0 }, { 0 }, { 0 }, { .right = true }, { .right = true }, { .right = true },
	{ .right = true }, { .right = true }, { .right = true } };

static int summarise(struct tool *tool, const struct summary_options *opt, struct summary *all)
{
	struct buf out = { 0 };

	if (opt->table && opt->tsv)
		return tool_usage(tool, "--table and --tsv cannot be combined");

	all->scores = calloc(tool->argument_count, sizeof *all->scores);
	all->questions = calloc(tool->argument_count, sizeof *all->questions);
	int status = all->scores && all->questions ? read_scores(tool, all) : err_memory(&tool->err);
	if (status == 0) {
		print_rows(all, &out);
		if (opt->table || (!opt->tsv && tool_prints_to_terminal(tool)))
			text_table_align(&out, columns, sizeof columns / sizeof *columns);
		status = out.failed ? err_memory(&tool->err) : tool_print(tool, buf_span(&out));
	}
	buf_free(&out);
	return status;
}

int score_summary(int argc, char **argv)
{
	struct summary all = { 0 };
	struct tool tool;
	struct summary_options opt = { 0 };
	const int status = tool_start(&tool, &about, &opt, argc, argv) || summarise(&tool, &opt, &all);
	const int code = status ? tool_fail(&tool) : tool_finish(&tool);

	for (size_t i = 0; i < all.count; i++)
		exhibit_free(&all.scores[i]);
	free(all.scores);
	free(all.questions);
	arena_free(&all.arena);
	return code;
}
