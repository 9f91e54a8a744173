#include "formats/report/numbers_print.h"

#include "formats/report/html.h"

void print_run_name(const struct board_run *run, const struct exhibit *exhibits, size_t count, struct buf *out)
{
	const struct span model = run->first->result.model;

	for (size_t i = 0; i < count && model.size; i++) {
		const struct value *prog = value_get(&exhibits[i].provenance.header, "prog");
		if (exhibits[i].kind != EXHIBIT_MADE || !span_equal(exhibit_model(&exhibits[i]), model) || !prog ||
			!prog->list.count)
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

void print_every_number(struct buf *out, const struct scoreboard *board, const struct exhibit *exhibits, size_t count)
{
	buf_append_string(out, "<details><summary>Every number</summary>\n<div class=\"scroll\"><table class=\"numbers\">\n"
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
