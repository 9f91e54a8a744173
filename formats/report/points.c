#include "formats/report/points.h"

#include "formats/report/html.h"

#include <stdio.h>
#include <stdlib.h>

const struct point *points_items(const struct points *points)
{
	return (const struct point *)(const void *)points->items.data;
}

const float *points_floats(const struct points *points)
{
	return (const float *)(const void *)points->floats.data;
}

static int take_model(struct points *points, const struct stream_reader *reader, struct err *err)
{
	const struct span model = value_string_or(value_get(&reader->header, "model"), "");

	if (points->model.size && model.size && !span_equal(points->model, model))
		return err_set(err, "the embeddings come from model %.*s, but earlier ones from %.*s", span_shown(model, 255),
			(const char *)model.data, span_shown(points->model, 255), (const char *)points->model.data);
	if (model.size)
		points->model = span_string(arena_string(&points->arena, model.data, model.size));
	return points->arena.failed ? err_memory(err) : 0;
}

/* Class names of the first stream that has them. */
static int take_classes(struct points *points, const struct stream_reader *reader, struct err *err)
{
	const struct value *names = value_get(&reader->header, "classes");

	if (points->classes || !names || names->kind != VALUE_ARRAY || names->list.count == 0)
		return 0;
	points->class_names = arena_zeroed(&points->arena, names->list.count, sizeof *points->class_names);
	for (size_t i = 0; points->class_names && i < names->list.count; i++) {
		const struct span name = value_string_or(&names->list.items[i], "");
		points->class_names[i] = arena_string(&points->arena, name.data, name.size);
	}
	points->classes = names->list.count;
	return points->arena.failed ? err_memory(err) : 0;
}

int points_add(struct points *points, const struct record *record, const char *field, struct embedding *embedding, struct err *err)
{
	const struct field *cls = record_find(record, "cls");
	struct point point = { .label = cls && cls->kind == FIELD_INTEGER ? cls->integer : -1, .group = points->groups - 1 };

	if (embedding_read(embedding, record, field, err))
		return 0;
	if (points->count == 0)
		points->width = embedding->width;
	if (embedding->width != points->width)
		return err_set(err, "%s has %zu numbers, but the others have %zu", field, embedding->width, points->width);
	point.key = arena_string(&points->arena, record->key.data, record->key.size);
	buf_append(&points->floats, embedding->data, embedding->width * sizeof *embedding->data);
	buf_append(&points->items, &point, sizeof point);
	points->count++;
	return points->floats.failed || points->items.failed || points->arena.failed ? err_memory(err) : 1;
}

int points_begin(struct points *points, struct span name, const struct stream_reader *reader, struct err *err)
{
	points->names[points->groups++] = name;
	return take_model(points, reader, err) || take_classes(points, reader, err) ? -1 : 0;
}

void points_free(struct points *points)
{
	buf_free(&points->floats);
	buf_free(&points->items);
	arena_free(&points->arena);
}

/* Units of the drawing, which are pixels at its natural size. */
enum { SIDE = 560, EDGE = 14, LINE = 24, LETTER = 9, MARK_SPACE = 24 };
enum { COLOURS = 12, MAX_LEGEND = 60, MAX_NAME = 56 };

/* The cN of style[]. */
static const int colours[COLOURS] = { 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13 };

/* Neighbours differ in hue, and all have a contrast of 3 or more with the ground. */
static const char style[] =
	"<style>svg{background:#fdfdfb;font:16px system-ui,sans-serif}text{fill:#1c1e21}path{fill:none;stroke-linecap:round;stroke-linejoin:round;stroke-opacity:.8}"
	".c1{stroke:#1f66c1}.c2{stroke:#d2600a}.c3{stroke:#2a8540}.c4{stroke:#c22f2f}.c5{stroke:#8250c4}.c6{stroke:#8a5a3c}"
	".c7{stroke:#d0438f}.c8{stroke:#6b6f76}.c10{stroke:#8f8400}.c11{stroke:#0f8c9c}.c12{stroke:#3d3d8f}.c13{stroke:#5f8a00}"
	"@media(prefers-color-scheme:dark){svg{background:#15171a}text{fill:#e4e4df}"
	".c1{stroke:#6aa5f2}.c2{stroke:#ff9a4d}.c3{stroke:#63c47a}.c4{stroke:#f47b74}.c5{stroke:#b592ee}.c6{stroke:#c99a7c}"
	".c7{stroke:#f28cc0}.c8{stroke:#a9aeb5}.c10{stroke:#d8cc45}.c11{stroke:#57cfdd}.c12{stroke:#a3a3f5}.c13{stroke:#aad254}}</style>\n";

/* A mark around the current point, drawn as a stroke.  Each begins with h or m-. */
static const struct {
	const char *shape, *width;
} marks[] = {
	{ "h0", "5" },        /* dot */
	{ "m-2.5-2.5l5 5m0-5l-5 5", "1.5" },                     /* cross */
	{ "m-3 0h6m-3-3v6", "1.5" },                             /* plus */
	{ "m-2.5-2.5h5v5h-5z", "1.3" },                          /* square */
	{ "m-3 2.4h6l-3-5.4z", "1.3" },                          /* triangle */
	{ "m-3.4 0l3.4-3.4l3.4 3.4l-3.4 3.4z", "1.3" },          /* diamond */
	{ "m-3-2.4h6l-3 5.4z", "1.3" },                          /* triangle, upside down */
	{ "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0", "1.3" },          /* circle */
	{ "m-3.2 0h6.4m-4.8-2.8l3.2 5.6m0-5.6l-3.2 5.6", "1.2" }, /* star */
	{ "m-1.5-3v6m3-6v6", "1.4" },                            /* two bars */
	{ "m-3-1.5h6m-6 3h6", "1.4" },                           /* equals sign */
	{ "m-3-3l3 3l3-3m-3 3v3.4", "1.4" },                     /* Y */
};
enum { MARKS = sizeof marks / sizeof *marks };

struct frame {
	double left, top, scale;
};

static struct frame frame_of(const double *y, size_t n)
{
	double low[2] = { y[0], y[1] }, high[2] = { y[0], y[1] };
	struct frame frame = { 0, 0, 1 };

	for (size_t i = 0; i < 2 * n; i++) {
		low[i % 2] = y[i] < low[i % 2] ? y[i] : low[i % 2];
		high[i % 2] = y[i] > high[i % 2] ? y[i] : high[i % 2];
	}
	const double space = SIDE - 2 * EDGE, wide = high[0] - low[0], high_up = high[1] - low[1];
	if (wide > 0 || high_up > 0)
		frame.scale = space / (wide > high_up ? wide : high_up);
	frame.left = EDGE + (space - wide * frame.scale) / 2 - low[0] * frame.scale;
	frame.top = EDGE + (space - high_up * frame.scale) / 2 - low[1] * frame.scale;
	return frame;
}

static size_t kind_of(const struct point *point, bool by_class)
{
	if (!by_class)
		return point->group;
	return point->label < 0 ? SIZE_MAX : (size_t)point->label;
}

/* What has a colour: classes or groups, in ascending order.  A label may be any number. */
struct kinds {
	size_t *items;
	size_t count;
};

static int by_number(const void *a, const void *b)
{
	const size_t left = *(const size_t *)a, right = *(const size_t *)b;

	return (left > right) - (left < right);
}

static struct kinds find_kinds(const struct points *points, bool by_class)
{
	struct kinds kinds = { malloc((points->count + 1) * sizeof *kinds.items), 0 };
	size_t different = 0;

	for (size_t i = 0; kinds.items && i < points->count; i++)
		kinds.items[kinds.count++] = kind_of(&points_items(points)[i], by_class);
	if (kinds.count)
		qsort(kinds.items, kinds.count, sizeof *kinds.items, by_number);
	for (size_t i = 0; i < kinds.count; i++)
		if (kinds.items[i] != SIZE_MAX && (different == 0 || kinds.items[different - 1] != kinds.items[i]))
			kinds.items[different++] = kinds.items[i];
	kinds.count = different;
	return kinds;
}

/* A class has a mark of its own as long as there is one group; several groups need the marks for themselves. */
static size_t mark_of(const struct points *points, bool by_class, size_t kind, size_t group)
{
	return (by_class && points->groups == 1 && kind != SIZE_MAX ? kind : group) % MARKS;
}

static void begin_path(struct buf *out, size_t kind, size_t mark)
{
	buf_append_string(out, "<path");
	if (kind != SIZE_MAX)
		buf_printf(out, " class=\"c%d\"", colours[kind % COLOURS]);
	else
		buf_append_string(out, " stroke=\"gray\"");
	buf_printf(out, " fill=\"none\" stroke-linecap=\"round\" stroke-width=\"%s\" d=\"", marks[mark].width);
}

static bool has_any(const struct points *points, bool by_class, size_t kind, size_t group)
{
	const struct point *items = points_items(points);

	for (size_t i = 0; i < points->count; i++)
		if (items[i].group == group && kind_of(&items[i], by_class) == kind)
			return true;
	return false;
}

/* One path for all points of a kind and group. */
static void draw_kind(
	struct buf *out, const struct points *points, const double *y, const struct frame *frame, bool by_class, size_t kind, size_t group)
{
	const struct point *items = points_items(points);
	const size_t mark = mark_of(points, by_class, kind, group);

	if (!has_any(points, by_class, kind, group))
		return;
	begin_path(out, kind, mark);
	for (size_t i = 0; i < points->count; i++)
		if (items[i].group == group && kind_of(&items[i], by_class) == kind)
			buf_printf(out, "M%.1f %.1f%s", frame->left + frame->scale * y[2 * i], frame->top + frame->scale * y[2 * i + 1],
				marks[mark].shape);
	buf_append_string(out, "\"/>\n");
}

/* The legend below the points, in columns as wide as its longest name. */
struct legend {
	struct legend_line {
		size_t kind, mark;
		struct span name;
	} lines[MAX_LEGEND];
	size_t count, columns, rows;
	struct arena arena; /* owns numbers as names */
};

static void legend_add(struct legend *legend, size_t kind, size_t mark, struct span name)
{
	const bool last = legend->count == MAX_LEGEND - 1;

	if (legend->count < MAX_LEGEND)
		legend->lines[legend->count++] = (struct legend_line){ kind, mark, last ? span_string("...") : name };
}

static struct span number_name(size_t number, struct arena *arena)
{
	char digits[32];
	const int length = snprintf(digits, sizeof digits, "%zu", number);

	return span_string(arena_string(arena, digits, (size_t)length));
}

static void legend_fill(struct legend *legend, const struct points *points, const struct kinds *kinds, bool by_class)
{
	size_t longest = 1;

	for (size_t group = 0; group < points->groups && (points->groups > 1 || !by_class); group++)
		legend_add(legend, by_class ? SIZE_MAX : group, mark_of(points, by_class, SIZE_MAX, group), points->names[group]);
	for (size_t i = 0; by_class && i < kinds->count; i++) {
		const size_t kind = kinds->items[i];
		legend_add(legend, kind, mark_of(points, true, kind, 0),
			kind < points->classes ? span_string(points->class_names[kind]) : number_name(kind, &legend->arena));
	}
	for (size_t i = 0; i < legend->count; i++)
		longest = legend->lines[i].name.size > longest ? legend->lines[i].name.size : longest;
	legend->columns = (SIDE - EDGE) / ((longest < MAX_NAME ? longest : MAX_NAME) * LETTER + MARK_SPACE);
	legend->columns = legend->columns ? legend->columns : 1;
	legend->rows = (legend->count + legend->columns - 1) / legend->columns;
}

/* At most MAX_NAME bytes of a name, as whole characters. */
static void print_name(struct buf *out, struct span name)
{
	size_t size = name.size;

	if (size > MAX_NAME)
		for (size = MAX_NAME; size && (name.data[size] & 0xc0) == 0x80;)
			size--;
	html_text(out, span_of(name.data, size));
	if (size < name.size)
		buf_append_string(out, "...");
}

static void draw_legend(struct buf *out, const struct legend *legend)
{
	for (size_t i = 0; i < legend->count; i++) {
		const struct legend_line *line = &legend->lines[i];
		const size_t x = EDGE + i % legend->columns * ((SIDE - EDGE) / legend->columns);
		const size_t y = SIDE + EDGE + i / legend->columns * LINE;
		begin_path(out, line->kind, line->mark);
		buf_printf(out, "M%zu %zu%s\"/>\n<text x=\"%zu\" y=\"%zu\">", x, y, marks[line->mark].shape, x + 12, y + 5);
		print_name(out, line->name);
		buf_append_string(out, "</text>\n");
	}
}

void scatter_draw(struct buf *out, const struct points *points, const double *y, bool by_class, const char *about)
{
	const struct frame frame = frame_of(y, points->count);
	struct kinds kinds = find_kinds(points, by_class);
	struct legend legend = { 0 };

	legend_fill(&legend, points, &kinds, by_class);
	const size_t height = SIDE + EDGE + legend.rows * LINE;
	out->failed |= !kinds.items || legend.arena.failed;
	buf_printf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %zu\" width=\"%d\" height=\"%zu\" role=\"img\">\n<desc>", SIDE,
		height, SIDE, height);
	html_string(out, about);
	buf_append_string(out, "</desc>\n");
	buf_append_string(out, style);
	for (size_t group = 0; group < points->groups; group++) {
		if (by_class)
			draw_kind(out, points, y, &frame, true, SIZE_MAX, group);
		for (size_t i = 0; i < kinds.count; i++)
			draw_kind(out, points, y, &frame, by_class, kinds.items[i], group);
	}
	draw_legend(out, &legend);
	free(kinds.items);
	arena_free(&legend.arena);
	buf_append_string(out, "</svg>\n");
}
