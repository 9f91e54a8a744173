#include "formats/report/scoreboard.h"

#include "formats/report/html.h"
#include "formats/report/protocol_print.h"

#include <math.h>
#include <string.h>

/* All numbers of all scores as one long table. */

/* "seed 21" where the model's file is among the exhibits and says so, else the folder. */
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

static void print_row(struct buf *out, const struct result *result, const struct result_number *number)
{
	buf_append_string(out, "<td>");
	html_text(out, result->metric);
	buf_append_string(out, "</td><td>");
	html_text(out, number->name);
	buf_printf(out, "</td><td>%.6g</td><td>", number->value);
	if (number->interval)
		buf_printf(out, "%.6g&#8211;%.6g", number->low, number->high);
	buf_append_string(out, "</td><td>");
	if (number->of) {
		html_count(out, number->hits);
		buf_append_string(out, " of ");
		html_count(out, number->of);
	}
	buf_append_string(out, "</td></tr>\n");
}

/* Folded. */
static void print_every_number(struct buf *out, const struct scoreboard *board, const struct exhibit *exhibits, size_t count)
{
	buf_append_string(out,
		"<details><summary>Every number</summary>\n<div class=\"scroll\"><table class=\"numbers\">\n"
		"<thead><tr><th scope=\"col\">model</th><th scope=\"col\">run</th><th scope=\"col\">metric</th><th scope=\"col\">number</th>"
		"<th scope=\"col\">value</th><th scope=\"col\">95&#160;% interval</th><th scope=\"col\">count</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < board->count; i++) {
		const struct board_run *run = &board->runs[i];
		for (size_t k = 0; k < run->count; k++)
			for (size_t n = 0; n < run->scores[k]->result.count; n++) {
				buf_append_string(out, "<tr><td>");
				html_text(out, run->first->name);
				buf_append_string(out, "</td><td>");
				print_run_name(run, exhibits, count, out);
				buf_append_string(out, "</td>");
				print_row(out, &run->scores[k]->result, &run->scores[k]->result.numbers[n]);
			}
	}
	buf_append_string(out, "</tbody></table></div></details>\n");
}

/* A table while it is printed. */
struct table {
	const struct scoreboard *board;
	const struct exhibit *exhibits;
	size_t exhibit_count, number, column_count;
	struct board_column columns[COLUMNS_MOST];
	struct notes notes;
	struct buf *out;
};

struct cell {
	double value, low, high;
	bool interval, share;
	uint64_t of;
	double deviation; /* of several runs; 0: not known */
};

/* More records, more digits. */
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

static void print_cell(struct buf *out, const struct cell *cell, size_t note)
{
	buf_append_string(out, "<td><b>");
	print_value(out, cell, cell->value);
	buf_append_string(out, "</b>");
	if (note)
		buf_printf(out, "<sup>%zu</sup>", note);
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
	buf_append_string(out, "</td>");
}

static void print_number(struct table *table, const struct board_run *run, const struct board_column *column)
{
	const struct exhibit *score = NULL;
	const struct result_number *number = board_run_number(run, column, &score);

	if (!number) {
		buf_append_string(table->out, "<td class=\"none\">&#8212;</td>");
		return;
	}
	const struct cell cell = { number->value, number->low, number->high, number->interval, column->share, number->of };
	print_cell(table->out, &cell, notes_add(&table->notes, &score->result, &column->first->result));
}

/* Of all runs of that name: how many have the number, their mean, the lowest and the highest. */
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
		const double apart = count ? number->value - cell.value / (double)count : 0; /* Welford 1962 */
		squares += apart * apart * (double)count / (double)(count + 1);
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
		print_cell(table->out, &cell, note);
	else
		buf_append_string(table->out, "<td class=\"none\">&#8212;</td>");
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
	buf_append_string(table->out, one_of_several ? "<tr class=\"one\"><th scope=\"row\">" : "<tr><th scope=\"row\">");
	if (one_of_several)
		print_run_name(run, table->exhibits, table->exhibit_count, table->out);
	else
		html_text(table->out, run->first->name);
	buf_append_string(table->out, "</th>");
	for (size_t i = 0; i < table->column_count; i++)
		print_number(table, run, &table->columns[i]);
	buf_append_string(table->out, "</tr>\n");
}

/* All runs of one name, where their first one stands; with several the mean comes before them. */
static void print_runs(struct table *table, const struct board_run *run)
{
	const struct scoreboard *board = table->board;
	bool first;
	const size_t count = count_runs(board, run, &first);

	if (!first)
		return;
	if (count > 1) {
		buf_append_string(table->out, "<tr class=\"mean\"><th scope=\"row\">");
		html_text(table->out, run->first->name);
		buf_printf(table->out, "<small>mean of %zu</small></th>", count);
		for (size_t i = 0; i < table->column_count; i++)
			print_mean(table, run, &table->columns[i]);
		buf_append_string(table->out, "</tr>\n");
	}
	for (size_t i = 0; i < board->count; i++)
		if (board_run_same(&board->runs[i], run))
			print_run(table, &board->runs[i], count > 1);
}

static void print_heads(struct table *table)
{
	buf_append_string(table->out, "<thead><tr><th scope=\"col\">model</th>");
	for (size_t i = 0; i < table->column_count; i++) {
		const struct board_column *column = &table->columns[i];
		buf_append_string(table->out, "<th scope=\"col\">");
		print_title(table->out, column);
		if (column->first->result.n) {
			buf_append_string(table->out, "<small>n ");
			html_count(table->out, column->first->result.n);
			buf_append_string(table->out, column->share ? ", in %</small>" : "</small>");
		}
		buf_append_string(table->out, "</th>");
	}
	buf_append_string(table->out, "</tr></thead>\n");
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
	buf_append_string(table->out, "<div class=\"scroll\"><table class=\"scores\">\n");
	print_heads(table);
	buf_append_string(table->out, "<tbody>\n");
	for (size_t i = 0; i < board->count; i++)
		if (board->runs[i].table == table->number)
			print_runs(table, &board->runs[i]);
	buf_append_string(table->out, "</tbody></table></div>\n");
	notes_print(&table->notes, table->out);
	buf_append_string(table->out,
		has_means(table)
			? "<p class=\"note\">Below a mean: the standard deviation of its runs, the lowest and the highest. Below a run: its 95&#160;% interval.</p>\n"
			: "<p class=\"note\">Below a number: its 95&#160;% interval.</p>\n");
	print_protocols(table->out, table->columns, table->column_count);
	notes_free(&table->notes);
}

int scoreboard_print(const struct scoreboard *board, const struct exhibit *exhibits, size_t count, struct buf *out, struct err *err)
{
	if (board->tables > 1)
		buf_append_string(out,
			"<p>Not all scores asked the same, so that not all may be compared: what differs has a table of its own.</p>\n");
	for (size_t i = 0; i < board->tables; i++) {
		struct table table = { .board = board, .exhibits = exhibits, .exhibit_count = count, .number = i, .out = out };
		print_table(&table);
	}
	if (board->count)
		print_every_number(out, board, exhibits, count);
	return out->failed ? err_memory(err) : 0;
}
