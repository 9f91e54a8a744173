/* cc-score compare: is one method better than its control, over paired runs? */
#include "core/map.h"
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
	size_t test, number; /* place of its test among the tests, and its own among the runs */
	struct share method, control;
};

struct compare {
	struct tool tool;
	size_t places[COLUMNS]; /* of the columns in the table */
	struct map tests;       /* their names */
	struct map names;       /* of runs: TEST, tab, RUN */
	struct buf runs;        /* struct run */
};

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

/* Numbers the run and its test.  Neither name contains a tab. */
static int name_run(struct compare *compare, const struct table *table, struct run *run, struct err *err)
{
	const struct span test = table_cell(table, compare->places[TEST]), name = table_cell(table, compare->places[RUN]);
	const size_t known = compare->names.count;
	struct buf both = { 0 };

	buf_append_span(&both, test);
	buf_append_byte(&both, '\t');
	buf_append_span(&both, name);
	const int64_t test_number = map_add(&compare->tests, test), number = both.failed ? -1 : map_add(&compare->names, buf_span(&both));
	buf_free(&both);
	if (test_number < 0 || number < 0)
		return err_memory(err);
	if ((size_t)number < known)
		return err_set(err, "run '%.*s' of test '%.*s' is a duplicate", span_shown(name, 200), (const char *)name.data,
			span_shown(test, 200), (const char *)test.data);
	run->test = (size_t)test_number;
	run->number = (size_t)number;
	return 0;
}

static int add_run(struct compare *compare, const struct table *table)
{
	struct err *err = &compare->tool.err;
	struct run run;

	if (read_share(compare, table, HITS, N, &run.method, err) ||
		read_share(compare, table, CONTROL_HITS, CONTROL_N, &run.control, err) || name_run(compare, table, &run, err))
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
	struct span test;
	struct paired paired;
	double method, control; /* mean shares */
};

static int compare_runs(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	if (x->test != y->test)
		return x->test < y->test ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* Of the first runs, which are of one test.  *count: how many they are. */
static struct row row_of(const struct run *runs, size_t left, double *differences, size_t *count)
{
	struct row row = { 0 };
	size_t n = 0;

	for (; n < left && runs[n].test == runs[0].test; n++) {
		differences[n] = share_logit(runs[n].method) - share_logit(runs[n].control);
		row.method += share_value(runs[n].method);
		row.control += share_value(runs[n].control);
	}
	row.method /= (double)n;
	row.control /= (double)n;
	row.paired = paired_test(differences, n);
	*count = n;
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
	append_printable(out, row->test);
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

	for (size_t first = 0, n; first < count; first += n, tests++) {
		rows[tests] = row_of(runs + first, count - first, numbers, &n);
		rows[tests].test = map_key(&compare->tests, runs[first].test);
	}
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
	const size_t count = compare->runs.size / sizeof(struct run);
	struct run *runs = (struct run *)(void *)compare->runs.data;
	struct row *rows = calloc(compare->tests.count + 1, sizeof *rows);
	double *numbers = calloc(count + 1, sizeof *numbers);

	if (count)
		qsort(runs, count, sizeof *runs, compare_runs);
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

	map_free(&compare.tests);
	map_free(&compare.names);
	buf_free(&compare.runs);
	return status ? tool_fail(&compare.tool) : tool_finish(&compare.tool);
}
