/* cc-score compare: is one method better than its control, over paired runs? */
#include "formats/text/table.h"
#include "metric/statistics.h"
#include "text/printable.h"
#include "tools/cli/print.h"
#include "tools/score/score.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option_spec options[] = { { 0 } };

static const struct tool_about about = {
	.name = "cc-score compare",
	.summary = "paired comparison of two methods over runs, with t intervals and Holm's correction",
	.usage = "[FILE.tsv]",
	.text = "Reads a table with tabs between its columns and their names in the first row: test, run, hits, n, control_hits, control_n. Each row is "
		"one run (seed) of one comparison: hits of n for the method, and for the control that was measured in the same run. Other columns are "
		"ignored.\n\n"
		"For each test one row is printed: the number of runs, the mean share of both, the mean difference of their logits, "
		"ln((hits + 1/2) / (n - hits + 1/2)), its 95 % interval by Student's t, the two-sided p-value, and that value after Holm's correction "
		"for all tests in the table. A negative difference means that the method has the lower share. With one run there is no interval and no "
		"p-value (-).",
	.example =
		"printf 'test\\trun\\thits\\tn\\tcontrol_hits\\tcontrol_n\\nbadnet\\t1\\t40\\t900\\t300\\t900\\nbadnet\\t2\\t52\\t900\\t350\\t900\\n' | cc-score compare\n",
	.options = options,
	.arguments_max = 1,
	.files = 1,
};

enum column { TEST, RUN, HITS, N, CONTROL_HITS, CONTROL_N, COLUMNS };
static const char *const names[COLUMNS] = { "test", "run", "hits", "n", "control_hits", "control_n" };

struct run {
	const char *test, *name;
	struct share method, control;
};

struct compare {
	struct tool tool;
	size_t places[COLUMNS]; /* of the columns in the table */
	struct buf runs;        /* struct run */
};

static const struct run *runs_of(const struct compare *compare, size_t *count)
{
	*count = compare->runs.size / sizeof(struct run);
	return (const struct run *)(const void *)compare->runs.data;
}

static int find_columns(struct compare *compare, const struct table *table)
{
	for (size_t k = 0; k < COLUMNS; k++) {
		size_t at = 0;
		while (at < table->count && !span_is(table_cell(table, at), names[k]))
			at++;
		if (at == table->count)
			return err_set(&compare->tool.err, "column '%s' is missing (columns: test, run, hits, n, control_hits, control_n)",
				names[k]);
		compare->places[k] = at;
	}
	return 0;
}

static int read_count(struct span cell, const char *name, uint64_t *value, struct err *err)
{
	*value = 0;
	for (size_t i = 0; i < cell.size; i++) {
		if (cell.data[i] < '0' || cell.data[i] > '9' || i > 15)
			cell.size = 0;
		else
			*value = 10 * *value + (uint64_t)(cell.data[i] - '0');
	}
	return cell.size ? 0 : err_set(err, "%s is not a whole number", name);
}

static int read_share(
	const struct compare *compare, const struct table *table, enum column hits, enum column n, struct share *share, struct err *err)
{
	if (read_count(table_cell(table, compare->places[hits]), names[hits], &share->hits, err) ||
		read_count(table_cell(table, compare->places[n]), names[n], &share->n, err))
		return -1;
	if (share->n == 0 || share->hits > share->n)
		return err_set(err, "%s is %llu of %llu", names[hits], (unsigned long long)share->hits, (unsigned long long)share->n);
	return 0;
}

static const char *copy_cell(struct compare *compare, const struct table *table, enum column column)
{
	const struct span cell = table_cell(table, compare->places[column]);

	return arena_string(&compare->tool.arena, cell.data, cell.size);
}

static int check_run(const struct compare *compare, const struct run *run, struct err *err)
{
	size_t count;
	const struct run *runs = runs_of(compare, &count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(runs[i].test, run->test) == 0 && strcmp(runs[i].name, run->name) == 0)
			return err_set(err, "run '%s' of test '%s' is a duplicate", run->name, run->test);
	return 0;
}

static int add_run(struct compare *compare, const struct table *table)
{
	struct run run = { .test = copy_cell(compare, table, TEST), .name = copy_cell(compare, table, RUN) };
	struct err *err = &compare->tool.err;

	if (!run.test || !run.name)
		return err_memory(err);
	if (read_share(compare, table, HITS, N, &run.method, err) ||
		read_share(compare, table, CONTROL_HITS, CONTROL_N, &run.control, err) || check_run(compare, &run, err))
		return err_add(err, "line %llu", (unsigned long long)table->line);
	buf_append(&compare->runs, &run, sizeof run);
	return compare->runs.failed ? err_memory(err) : 0;
}

static int read_rows(struct compare *compare, int fd)
{
	const struct table_form form = { .delimiter = '\t', .no_quotes = true, .longest = 1 << 16, .given = true };
	struct err *err = &compare->tool.err;
	struct table table;

	if (table_open(&table, fd, &form, err))
		return -1;
	int state = table_next(&table, err);
	if (state == 1)
		state = find_columns(compare, &table) ? -1 : 1;
	else if (state == 0)
		state = err_set(err, "the table is empty");
	while (state == 1 && (state = table_next(&table, err)) == 1)
		if (add_run(compare, &table))
			state = -1;
	table_close(&table);
	return state;
}

static int read_table(struct compare *compare)
{
	struct tool *tool = &compare->tool;
	const char *path = tool->argument_count ? tool->arguments[0] : "-";
	const int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(&tool->err, "%s", path);
	const int status = read_rows(compare, fd);
	if (fd != STDIN_FILENO)
		close(fd);
	return status ? err_add(&tool->err, "%s", fd == STDIN_FILENO ? "standard input" : path) : 0;
}

/* One test's row, but for the corrected p-value. */
struct row {
	const char *test;
	struct paired paired;
	double method, control; /* mean shares */
};

static bool is_new(const struct run *runs, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(runs[i].test, runs[at].test) == 0)
			return false;
	return true;
}

static struct row row_of(const struct run *runs, size_t count, size_t first, double *differences)
{
	struct row row = { .test = runs[first].test };
	size_t n = 0;

	for (size_t i = first; i < count; i++) {
		if (strcmp(runs[i].test, row.test) != 0)
			continue;
		differences[n++] = share_logit(runs[i].method) - share_logit(runs[i].control);
		row.method += share_value(runs[i].method);
		row.control += share_value(runs[i].control);
	}
	row.method /= (double)n;
	row.control /= (double)n;
	row.paired = paired_test(differences, n);
	return row;
}

static void print_real(struct buf *out, double value)
{
	if (isnan(value))
		buf_append_string(out, "\t-");
	else
		buf_printf(out, "\t%.6g", value);
}

static void print_row(struct buf *out, const struct row *row, double corrected)
{
	append_printable(out, span_string(row->test));
	buf_printf(out, "\t%zu", row->paired.runs);
	print_real(out, row->method);
	print_real(out, row->control);
	print_real(out, row->paired.mean);
	print_real(out, row->paired.low);
	print_real(out, row->paired.high);
	print_real(out, row->paired.p);
	print_real(out, corrected);
	buf_append_byte(out, '\n');
}

static const struct text_table_column columns[] = { { 0 }, { .right = true }, { .right = true }, { .right = true }, { .right = true },
	{ .right = true }, { .right = true }, { .right = true }, { .right = true } };

static int print_rows(struct compare *compare, const struct run *runs, size_t count, struct row *rows, double *numbers)
{
	struct buf out = { 0 };
	size_t tests = 0;

	for (size_t i = 0; i < count; i++)
		if (is_new(runs, i))
			rows[tests++] = row_of(runs, count, i, numbers);
	for (size_t i = 0; i < tests; i++)
		numbers[i] = rows[i].paired.p;
	if (holm_adjust(numbers, tests))
		return err_memory(&compare->tool.err);
	buf_append_string(&out, "test\truns\tmean\tcontrol\tlogit_difference\tlow\thigh\tp\tp_holm\n");
	for (size_t i = 0; i < tests; i++)
		print_row(&out, &rows[i], numbers[i]);
	if (tool_prints_to_terminal(&compare->tool))
		text_table_align(&out, columns, sizeof columns / sizeof *columns);
	const int status = out.failed ? err_memory(&compare->tool.err) : tool_print(&compare->tool, buf_span(&out));
	buf_free(&out);
	return status;
}

static int print_tests(struct compare *compare)
{
	size_t count;
	const struct run *runs = runs_of(compare, &count);
	struct row *rows = calloc(count + 1, sizeof *rows);
	double *numbers = calloc(count + 1, sizeof *numbers);
	const int status = rows && numbers ? print_rows(compare, runs, count, rows, numbers) : err_memory(&compare->tool.err);

	free(rows);
	free(numbers);
	return status;
}

int score_compare(int argc, char **argv)
{
	struct compare compare = { 0 };
	int none = 0;
	const int status = tool_start(&compare.tool, &about, &none, argc, argv) || read_table(&compare) || print_tests(&compare);

	buf_free(&compare.runs);
	return status ? tool_fail(&compare.tool) : tool_finish(&compare.tool);
}
