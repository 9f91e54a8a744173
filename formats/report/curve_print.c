#include "formats/report/curve_print.h"

#include "formats/report/html.h"
#include "formats/report/plot.h"

enum { CURVES_IN_A_PICTURE = 16, ROWS_IN_A_TABLE = 10 };

static size_t find_same(const struct exhibit *exhibits, size_t count, const struct exhibit *one, const struct curve **curves)
{
	size_t found = 0;

	for (size_t i = 0; i < count && found < CURVES_IN_A_PICTURE; i++)
		if (exhibits[i].kind == EXHIBIT_CURVE && span_equal(exhibits[i].name, one->name))
			curves[found++] = &exhibits[i].curve;
	return found;
}

static bool is_first(const struct exhibit *exhibits, const struct exhibit *one)
{
	for (const struct exhibit *before = exhibits; before < one; before++)
		if (before->kind == EXHIBIT_CURVE && span_equal(before->name, one->name))
			return false;
	return true;
}

static bool has_loss(const struct curve *curve)
{
	for (size_t i = 0; i < CURVE_BINS; i++)
		if (curve->fields[CURVE_LOSS].bins[i].count)
			return true;
	return false;
}

/* The names of the parts, in the colours of their lines. */
static void print_legend(struct buf *out, const struct curve *curve)
{
	if (curve->count == CURVE_PARTS)
		return;
	buf_append_string(out, "<p class=\"legend\"><span class=\"c1\">loss</span>");
	for (size_t i = CURVE_PARTS; i < curve->count; i++) {
		buf_printf(out, " <span class=\"c%zu\">", i);
		for (const char *c = curve->fields[i].name; *c; c++)
			html_text(out, *c == '_' ? span_string(" ") : span_of(c, 1));
		buf_append_string(out, "</span>");
	}
	buf_append_string(out, "</p>\n");
}

static void print_caption(struct buf *out, const struct exhibit *exhibit, const struct curve *const *curves, size_t count)
{
	const struct curve *curve = curves[0];
	uint64_t broken = 0;

	buf_append_string(out, "<figcaption><b>");
	html_text(out, exhibit->name);
	buf_append_string(out, "</b> ");
	if (count > 1)
		buf_printf(out, "%zu runs, ", count);
	html_count(out, curve->last_step);
	buf_printf(out, " steps, %llu epoch%s; last loss", (unsigned long long)curve->epochs, curve->epochs == 1 ? "" : "s");
	for (size_t i = 0; i < count; i++) {
		buf_printf(out, " %.4g", curves[i]->fields[CURVE_LOSS].last);
		broken += curves[i]->broken;
	}
	if (broken)
		buf_printf(out, "; <strong>%llu steps have a loss that is no number</strong>", (unsigned long long)broken);
	buf_append_string(out, "</figcaption>\n");
	if (count == 1)
		print_legend(out, curve);
}

static void print_number(struct buf *out, const struct curve_bin *bin)
{
	if (bin->count)
		buf_printf(out, "<td>%.4g</td>", bin->sum / (double)bin->count);
	else
		buf_append_string(out, "<td>&#8212;</td>");
}

/* Some ranges of each curve, the first and the last among them. */
static void print_numbers(struct buf *out, const struct curve *curve)
{
	const size_t used = curve_used(curve), rows = used < ROWS_IN_A_TABLE ? used : ROWS_IN_A_TABLE;

	buf_append_string(out, "<div class=\"scroll\"><table class=\"numbers\"><thead><tr><th>step</th>");
	for (size_t i = 0; i < curve->count; i++) {
		buf_append_string(out, "<th>");
		html_string(out, curve->fields[i].name);
		buf_append_string(out, "</th>");
	}
	buf_append_string(out, "</tr></thead><tbody>\n");
	for (size_t row = 0; row < rows; row++) {
		const size_t bin = rows > 1 ? row * (used - 1) / (rows - 1) : 0;
		buf_printf(out, "<tr><td>%.6g</td>", curve_step(curve, bin));
		for (size_t i = 0; i < curve->count; i++)
			print_number(out, &curve->fields[i].bins[bin]);
		buf_append_string(out, "</tr>\n");
	}
	buf_append_string(out, "</tbody></table></div>\n");
}

static int print_picture(const struct curve *const *curves, size_t count, struct buf *out, bool *drawn, struct err *err)
{
	const int result = *drawn ? plot_curves(out, curves, count, err) : 0;

	*drawn = result != 0;
	for (size_t i = 0; result == 0 && i < count; i++)
		print_numbers(out, curves[i]);
	return result < 0 ? -1 : 0;
}

static int print_figure(const struct exhibit *exhibits, size_t count, const struct exhibit *one, struct buf *out, bool *drawn,
	struct err *err)
{
	const struct curve *curves[CURVES_IN_A_PICTURE];
	const size_t found = find_same(exhibits, count, one, curves);
	size_t useful = 0;

	buf_append_string(out, "<figure class=\"curve\">\n");
	print_caption(out, one, curves, found);
	for (size_t i = 0; i < found; i++)
		if (has_loss(curves[i]))
			curves[useful++] = curves[i];
	if (useful && print_picture(curves, useful, out, drawn, err))
		return -1;
	buf_append_string(out, "</figure>\n");
	return out->failed ? err_memory(err) : 0;
}

int curves_print(const struct exhibit *exhibits, size_t count, struct buf *out, bool *drawn, struct err *err)
{
	*drawn = true;
	buf_append_string(out, "<div class=\"curves\">\n");
	for (size_t i = 0; i < count; i++)
		if (exhibits[i].kind == EXHIBIT_CURVE && is_first(exhibits, &exhibits[i]) &&
			print_figure(exhibits, count, &exhibits[i], out, drawn, err))
			return -1;
	buf_append_string(out, "</div>\n");
	return 0;
}
