#include "formats/report/scoreboard.h"

#include "formats/report/html.h"

#include <math.h>
#include <string.h>

/* "seed 21" if the model's checkpoint is among the exhibits, otherwise the folder of the score. */
static void print_run_name(const struct board_run *run, const struct exhibit *exhibits, size_t count, struct buf *out)
{
	const struct span model = run->first->result.model;

	for (size_t i = 0; i < count && model.size; i++) {
		const struct value *prog = value_get(&exhibits[i].provenance.header, "prog");
		if (exhibits[i].kind != EXHIBIT_MADE || !span_equal(exhibit_model(&exhibits[i]), model) || !prog || !prog->list.count)
			continue;
		buf_printf(out, "seed %lld", (long long)value_integer_or(value_get(&prog->list.items[prog->list.count - 1], "seed"), 0));
		return;
	}
	html_text(out, run->first->run.size ? run->first->run : run->first->name);
}

static void print_number_row(struct html_table *table, const struct result *result, const struct result_number *number)
{
	struct buf *out = table->out;

	html_table_cell(table, NULL);
	html_text(out, result->metric);
	html_table_cell(table, NULL);
	html_text(out, number->name);
	html_table_cell(table, NULL);
	buf_printf(out, "%.6g", number->value);
	html_table_cell(table, NULL);
	if (number->interval)
		buf_printf(out, "%.6g&#8211;%.6g", number->low, number->high);
	html_table_cell(table, NULL);
	if (number->of) {
		html_count(out, number->hits);
		buf_append_string(out, " of ");
		html_count(out, number->of);
	}
}

/* All numbers of all scores, folded. */
static void print_every_number(struct buf *out, const struct scoreboard *board, const struct exhibit *exhibits, size_t count)
{
	static const char *const heads[] = { "model", "run", "metric", "number", "value", "95\xc2\xa0% interval", "count" };
	struct html_table table;

	buf_append_string(out, "<details><summary>Every number</summary>\n");
	html_table_begin(&table, out, "numbers", true);
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		html_table_head(&table, NULL, span_string(heads[i]));
	for (size_t i = 0; i < board->count; i++) {
		const struct board_run *run = &board->runs[i];
		for (size_t k = 0; k < run->count; k++)
			for (size_t n = 0; n < run->scores[k]->result.count; n++) {
				html_table_row(&table, NULL);
				html_table_row_head(&table);
				html_text(out, run->first->name);
				html_table_cell(&table, NULL);
				print_run_name(run, exhibits, count, out);
				print_number_row(&table, &run->scores[k]->result, &run->scores[k]->result.numbers[n]);
			}
	}
	html_table_end(&table);
	buf_append_string(out, "</details>\n");
}

/* A score table while it is printed. */
struct table {
	const struct scoreboard *board;
	const struct exhibit *exhibits;
	size_t exhibit_count, number, column_count;
	struct board_column columns[COLUMNS_MAX];
	struct notes notes;
	struct html_table html;
	struct buf *out;
};

struct cell {
	double value, low, high;
	bool interval, share;
	uint64_t of;
	double deviation; /* of several runs; 0: unknown */
};

/* One digit after the point, or two if there are enough records to justify it. */
static void print_value(struct buf *out, const struct cell *cell, double value)
{
	if (cell->share)
		buf_printf(out, "%.*f", cell->of >= 20000 ? 2 : 1, 100 * value);
	else
		buf_printf(out, "%.4g", value);
}

static double per_cent(double share)
{
	return 100 * fmin(fmax(share, 0), 1);
}

static void print_bar(struct buf *out, const struct cell *cell)
{
	buf_printf(out,
		"<svg class=\"bar\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
		"<path d=\"M0 2H100\"/><path class=\"c1\" d=\"M0 2H%.2f\"/>",
		per_cent(cell->value));
	if (cell->interval)
		buf_printf(out, "<path class=\"spread\" d=\"M%.2f 2H%.2f\"/>", per_cent(cell->low), per_cent(cell->high));
	buf_append_string(out, "</svg>");
}

static void print_cell(struct html_table *table, const struct cell *cell, size_t note)
{
	struct buf *out = table->out;

	html_table_cell(table, NULL);
	buf_append_string(out, "<b>");
	print_value(out, cell, cell->value);
	if (note)
		buf_printf(out, "<sup>%zu</sup>", note);
	buf_append_string(out, "</b>");
	if (cell->interval) {
		buf_append_string(out, "<small>");
		if (cell->deviation > 0) {
			buf_append_string(out, "&#177;&#160;");
			print_value(out, cell, cell->deviation);
			buf_append_string(out, "; ");
		}
		print_value(out, cell, cell->low);
		buf_append_string(out, "&#8211;");
		print_value(out, cell, cell->high);
		buf_append_string(out, "</small>");
	}
	if (cell->share)
		print_bar(out, cell);
}

static void print_no_cell(struct html_table *table)
{
	html_table_cell(table, "none");
	buf_append_string(table->out, "&#8212;");
}

static void print_number(struct table *table, const struct board_run *run, const struct board_column *column)
{
	const struct exhibit *score = NULL;
	const struct result_number *number = board_run_number(run, column, &score);

	if (!number) {
		print_no_cell(&table->html);
		return;
	}
	const struct cell cell = { number->value, number->low, number->high, number->interval, column->share, number->of };
	print_cell(&table->html, &cell, notes_add(&table->notes, &score->result, &column->first->result));
}

/* Mean, standard deviation, minimum and maximum of all runs of that name that have the number. */
static void print_mean(struct table *table, const struct board_run *run, const struct board_column *column)
{
	const struct scoreboard *board = table->board;
	struct cell cell = { .share = column->share };
	size_t count = 0, note = 0;
	double squares = 0;

	for (size_t i = 0; i < board->count; i++) {
		const struct exhibit *score = NULL;
		const struct result_number *number =
			board_run_same(&board->runs[i], run) ? board_run_number(&board->runs[i], column, &score) : NULL;
		if (!number)
			continue;
		cell.low = count && cell.low < number->value ? cell.low : number->value;
		cell.high = count && cell.high > number->value ? cell.high : number->value;
		const double delta = count ? number->value - cell.value / (double)count : 0; /* Welford 1962 */
		squares += delta * delta * (double)count / (double)(count + 1);
		cell.value += number->value;
		cell.of = number->of;
		const size_t its = notes_add(&table->notes, &score->result, &column->first->result);
		note = note ? note : its;
		count++;
	}
	cell.value /= (double)count;
	cell.deviation = count > 1 ? sqrt(squares / (double)(count - 1)) : 0;
	cell.interval = true;
	if (count)
		print_cell(&table->html, &cell, note);
	else
		print_no_cell(&table->html);
}

static size_t count_runs(const struct scoreboard *board, const struct board_run *run, bool *first)
{
	size_t count = 0;

	*first = false;
	for (size_t i = 0; i < board->count; i++)
		if (board_run_same(&board->runs[i], run)) {
			*first |= count == 0 && &board->runs[i] == run;
			count++;
		}
	return count;
}

static void print_run(struct table *table, const struct board_run *run, bool one_of_several)
{
	html_table_row(&table->html, one_of_several ? "one" : NULL);
	html_table_row_head(&table->html);
	if (one_of_several)
		print_run_name(run, table->exhibits, table->exhibit_count, table->out);
	else
		html_text(table->out, run->first->name);
	for (size_t i = 0; i < table->column_count; i++)
		print_number(table, run, &table->columns[i]);
}

/* All runs of one name, at the first of them; several are preceded by their mean. */
static void print_runs(struct table *table, const struct board_run *run)
{
	const struct scoreboard *board = table->board;
	bool first;
	const size_t count = count_runs(board, run, &first);

	if (!first)
		return;
	if (count > 1) {
		html_table_row(&table->html, "mean");
		html_table_row_head(&table->html);
		html_text(table->out, run->first->name);
		buf_printf(table->out, "<small>mean of %zu</small>", count);
		for (size_t i = 0; i < table->column_count; i++)
			print_mean(table, run, &table->columns[i]);
	}
	for (size_t i = 0; i < board->count; i++)
		if (board_run_same(&board->runs[i], run))
			print_run(table, &board->runs[i], count > 1);
}

static void print_heads(struct table *table)
{
	html_table_head(&table->html, NULL, span_string("model"));
	for (size_t i = 0; i < table->column_count; i++) {
		const struct board_column *column = &table->columns[i];
		struct buf title = { 0 };
		board_column_title(&title, column);
		html_table_head(&table->html, NULL, buf_span(&title));
		table->out->failed |= title.failed;
		buf_free(&title);
		if (column->first->result.n) {
			buf_append_string(table->out, "<small>n ");
			html_count(table->out, column->first->result.n);
			buf_append_string(table->out, column->share ? ", in %</small>" : "</small>");
		}
	}
}

static bool has_means(const struct table *table)
{
	bool first;

	for (size_t i = 0; i < table->board->count; i++)
		if (table->board->runs[i].table == table->number && count_runs(table->board, &table->board->runs[i], &first) > 1)
			return true;
	return false;
}

static void print_table(struct table *table)
{
	const struct scoreboard *board = table->board;

	table->column_count = scoreboard_columns(board, table->number, table->columns);
	if (board->tables > 1)
		print_table_title(table->out, board, table->number);
	html_table_begin(&table->html, table->out, "scores", true);
	print_heads(table);
	for (size_t i = 0; i < board->count; i++)
		if (board->runs[i].table == table->number)
			print_runs(table, &board->runs[i]);
	html_table_end(&table->html);
	notes_print(&table->notes, table->out);
	buf_append_string(table->out, has_means(table)
					      ? "<p class=\"note\">Below a mean: the standard deviation, minimum and maximum of its runs. "
						"Below a run: its 95&#160;% interval.</p>\n"
					      : "<p class=\"note\">Below a number: its 95&#160;% interval.</p>\n");
	print_protocols(table->out, table->columns, table->column_count);
	notes_free(&table->notes);
}

int scoreboard_print(const struct scoreboard *board, const struct exhibit *exhibits, size_t count, struct buf *out, struct err *err)
{
	if (board->tables > 1)
		buf_append_string(out,
			"<p>Scores in different tables were measured with different data, settings or classes and are not comparable.</p>\n");
	for (size_t i = 0; i < board->tables; i++) {
		struct table table = { .board = board, .exhibits = exhibits, .exhibit_count = count, .number = i, .out = out };
		print_table(&table);
	}
	if (board->count)
		print_every_number(out, board, exhibits, count);
	return out->failed ? err_memory(err) : 0;
}
