#include "formats/report/curve.h"

#include "formats/report/exhibit.h"
#include "formats/report/html.h"
#include "formats/stream/io.h"
#include "formats/text/json.h"

#include <math.h>
#include <string.h>

enum { MAX_LINE = 64 << 10 };

bool curve_is_line(const struct value *value)
{
	return value_get(value, "step") && value_get(value, "loss") && !value_get(value, "metric");
}

size_t curve_used(const struct curve *curve)
{
	return curve->last_step ? (size_t)((curve->last_step - 1) / curve->width) + 1 : 0;
}

double curve_step(const struct curve *curve, size_t bin)
{
	const double first = (double)bin * (double)curve->width + 1;
	const double last = fmin(first + (double)curve->width - 1, (double)curve->last_step);

	return (first + last) / 2;
}

static void bin_add(struct curve_bin *bin, const struct curve_bin *more)
{
	bin->low = bin->count && (!more->count || bin->low < more->low) ? bin->low : more->low;
	bin->high = bin->count && (!more->count || bin->high > more->high) ? bin->high : more->high;
	bin->count += more->count;
	bin->sum += more->sum;
}

/* Joins pairs of neighbouring ranges. */
static void widen(struct curve *curve)
{
	for (size_t i = 0; i < curve->count; i++) {
		struct curve_bin *bins = curve->fields[i].bins;
		for (size_t k = 0; k < CURVE_BINS; k++) {
			struct curve_bin sum = { 0 };
			if (2 * k + 1 < CURVE_BINS) {
				sum = bins[2 * k];
				bin_add(&sum, &bins[2 * k + 1]);
			}
			bins[k] = sum;
		}
	}
	curve->width *= 2;
}

/* Finds or adds a field.  NULL: CURVE_FIELDS exist already, or out of memory. */
static struct curve_field *find_field(struct curve *curve, struct span name)
{
	for (size_t i = 0; i < curve->count; i++)
		if (span_is(name, curve->fields[i].name))
			return &curve->fields[i];
	if (curve->count == CURVE_FIELDS)
		return NULL;
	const char *copy = arena_string(&curve->arena, name.data, name.size);
	struct curve_bin *bins = arena_zeroed(&curve->arena, CURVE_BINS, sizeof *bins);
	if (!copy || !bins)
		return NULL;
	curve->fields[curve->count] = (struct curve_field){ .name = copy, .bins = bins };
	return &curve->fields[curve->count++];
}

static void add_number(struct curve *curve, struct span name, double number, size_t bin)
{
	struct curve_field *field = isfinite(number) ? find_field(curve, name) : NULL;

	if (!field)
		return;
	bin_add(&field->bins[bin], &(struct curve_bin){ 1, number, number, number });
	field->last = number;
}

/* Every other number of a line is a part of the loss. */
static bool is_part(struct span name)
{
	static const char *const others[] = { "step", "epoch", "loss", "lr", "logit_scale", "gradient_norm", "records_per_second" };

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (span_is(name, others[i]))
			return false;
	return true;
}

static int add_line(struct curve *curve, const struct value *line, struct err *err)
{
	const int64_t step = value_integer_or(value_get(line, "step"), 0);
	const int64_t epoch = value_integer_or(value_get(line, "epoch"), 0);
	const double loss = value_real_or(value_get(line, "loss"), NAN);

	if (!curve_is_line(line))
		return err_set(err, "\"step\" and \"loss\" expected, as in the lines of cc-train");
	if (step < 1 || epoch < 0)
		return err_set(
			err, "step %lld of epoch %lld is invalid: steps count from 1, epochs from 0", (long long)step, (long long)epoch);
	while ((uint64_t)(step - 1) / curve->width >= CURVE_BINS)
		widen(curve);
	const size_t bin = (size_t)((uint64_t)(step - 1) / curve->width);
	curve->last_step = (uint64_t)step > curve->last_step ? (uint64_t)step : curve->last_step;
	curve->epochs = (uint64_t)epoch + 1 > curve->epochs ? (uint64_t)epoch + 1 : curve->epochs;
	curve->lines++;
	curve->broken += isfinite(loss) ? 0 : 1;
	add_number(curve, span_string("loss"), loss, bin);
	add_number(curve, span_string("lr"), value_real_or(value_get(line, "lr"), NAN), bin);
	for (size_t i = 0; i < line->list.count; i++)
		if (is_part(line->list.items[2 * i].string))
			add_number(curve, line->list.items[2 * i].string, value_real_or(&line->list.items[2 * i + 1], NAN), bin);
	return curve->arena.failed ? err_memory(err) : 0;
}

static int read_line(struct curve *curve, struct span text, struct arena *arena, struct err *err)
{
	const struct limits limits = { .record = MAX_LINE, .string = MAX_LINE, .depth = 4, .elements = 1000 };
	struct value line;

	if (text.size == 0)
		return 0;
	arena_reset(arena);
	return json_read(text, &limits, arena, &line, err) || add_line(curve, &line, err) ? -1 : 0;
}

int curve_read(struct curve *curve, int fd, struct err *err)
{
	struct line_reader reader;
	struct arena arena = { 0 };
	struct span text;
	int state;

	*curve = (struct curve){ .width = 1 };
	if (!find_field(curve, span_string("loss")) || !find_field(curve, span_string("lr")))
		return err_memory(err);
	line_reader_init(&reader, fd, MAX_LINE);
	while ((state = line_read(&reader, &text, err)) > 0)
		if (read_line(curve, text, &arena, err)) {
			state = err_add(err, "line %zu", reader.number);
			break;
		}
	line_reader_free(&reader);
	arena_free(&arena);
	return state;
}

void curve_free(struct curve *curve)
{
	arena_free(&curve->arena);
}

enum { CURVES_IN_A_PICTURE = 16, TABLE_ROWS = 10 };

/* The curves with the name of one exhibit, for one picture. */
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

/* Names the parts of the loss in the colours of their lines. */
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
		buf_printf(out, "; <strong>the loss of %llu steps is not a number</strong>", (unsigned long long)broken);
	buf_append_string(out, "</figcaption>\n");
	if (count == 1)
		print_legend(out, curve);
}

/* TABLE_ROWS ranges, the first and the last among them. */
static void print_numbers(struct buf *out, const struct curve *curve)
{
	const size_t used = curve_used(curve), rows = used < TABLE_ROWS ? used : TABLE_ROWS;
	struct html_table table;

	html_table_begin(&table, out, "numbers", false);
	html_table_head(&table, NULL, span_string("step"));
	for (size_t i = 0; i < curve->count; i++)
		html_table_head(&table, NULL, span_string(curve->fields[i].name));
	for (size_t row = 0; row < rows; row++) {
		const size_t bin = rows > 1 ? row * (used - 1) / (rows - 1) : 0;
		html_table_row(&table, NULL);
		html_table_cell(&table, NULL);
		buf_printf(out, "%.6g", curve_step(curve, bin));
		for (size_t i = 0; i < curve->count; i++) {
			const struct curve_bin *at = &curve->fields[i].bins[bin];
			html_table_cell(&table, NULL);
			if (at->count)
				buf_printf(out, "%.4g", at->sum / (double)at->count);
			else
				buf_append_string(out, "&#8212;");
		}
	}
	html_table_end(&table);
}

static int print_picture(const struct curve *const *curves, size_t count, struct buf *out, bool *drawn, struct err *err)
{
	const int result = *drawn ? plot_curves(out, curves, count, err) : 0;

	*drawn = result != 0;
	for (size_t i = 0; result == 0 && i < count; i++)
		print_numbers(out, curves[i]);
	return result < 0 ? -1 : 0;
}

static int print_figure(
	const struct exhibit *exhibits, size_t count, const struct exhibit *one, struct buf *out, bool *drawn, struct err *err)
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
