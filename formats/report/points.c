#include "formats/report/points.h"

#include "formats/report/html.h"

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
		return err_set(err, "its embeddings are of model %.*s, those before of %.*s", span_shown(model, 255),
			(const char *)model.data, span_shown(points->model, 255), (const char *)points->model.data);
	if (model.size)
		points->model = span_string(arena_string(&points->arena, model.data, model.size));
	return points->arena.failed ? err_memory(err) : 0;
}

/* Those of the first stream that has some. */
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
		return err_set(err, "%s has %zu numbers, where others have %zu", field, embedding->width, points->width);
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

enum { WIDTH = 720, HEIGHT = 560, EDGE = 14, LEGEND = 574, LINE = 20, COLOURS = 12, LEGEND_LINES = 25 };

/* The cN of style[]. */
static const int colours[COLOURS] = { 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13 };

static const char style[] =
	"<style>svg{background:#fdfdfb;font:13px system-ui,sans-serif}text{fill:#1c1e21}path{fill:none;stroke-linecap:round;stroke-opacity:.75}"
	".c1{stroke:#2457a6}.c2{stroke:#b4581a}.c3{stroke:#3b7d4f}.c4{stroke:#8a4b9b}.c5{stroke:#7a6a18}.c6{stroke:#16808c}"
	".c7{stroke:#b3416e}.c8{stroke:#6b6f76}.c10{stroke:#86401f}.c11{stroke:#4c5fd5}.c12{stroke:#5f8a00}.c13{stroke:#a8321f}"
	"@media(prefers-color-scheme:dark){svg{background:#15171a}text{fill:#e4e4df}"
	".c1{stroke:#84aef0}.c2{stroke:#e59a63}.c3{stroke:#86c79a}.c4{stroke:#c99ad6}.c5{stroke:#d2c168}.c6{stroke:#6fcad6}"
	".c7{stroke:#f09abb}.c8{stroke:#b4b9c0}.c10{stroke:#d39b7c}.c11{stroke:#a3aefc}.c12{stroke:#b3d867}.c13{stroke:#f58e7d}}</style>\n";

/* A mark at the pen's place, in a stroke that needs no fill. */
static const struct {
	const char *shape, *width;
} marks[] = {
	{ "h0", "4" },
	{ "m-2-2l4 4m0-4l-4 4", "1.4" },
	{ "m-2.5 0h5m-2.5-2.5v5", "1.4" },
	{ "m-2-2h4v4h-4z", "1.2" },
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
	const double room = HEIGHT - 2 * EDGE, wide = high[0] - low[0], high_up = high[1] - low[1];
	if (wide > 0 || high_up > 0)
		frame.scale = room / (wide > high_up ? wide : high_up);
	frame.left = EDGE + (room - wide * frame.scale) / 2 - low[0] * frame.scale;
	frame.top = EDGE + (room - high_up * frame.scale) / 2 - low[1] * frame.scale;
	return frame;
}

static size_t kind_of(const struct point *point, bool by_class)
{
	if (!by_class)
		return point->group;
	return point->label < 0 ? SIZE_MAX : (size_t)point->label;
}

/* The kinds that there are, in order: a label may be any number. */
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

static void begin_path(struct buf *out, size_t kind, size_t group)
{
	buf_append_string(out, "<path");
	if (kind != SIZE_MAX)
		buf_printf(out, " class=\"c%d\"", colours[kind % COLOURS]);
	else
		buf_append_string(out, " stroke=\"gray\"");
	buf_printf(out, " fill=\"none\" stroke-linecap=\"round\" stroke-width=\"%s\" d=\"", marks[group % MARKS].width);
}

static bool has_any(const struct points *points, bool by_class, size_t kind, size_t group)
{
	const struct point *items = points_items(points);

	for (size_t i = 0; i < points->count; i++)
		if (items[i].group == group && kind_of(&items[i], by_class) == kind)
			return true;
	return false;
}

/* All of one kind and group are one path. */
static void draw_kind(
	struct buf *out, const struct points *points, const double *y, const struct frame *frame, bool by_class, size_t kind, size_t group)
{
	const struct point *items = points_items(points);

	if (!has_any(points, by_class, kind, group))
		return;
	begin_path(out, kind, group);
	for (size_t i = 0; i < points->count; i++)
		if (items[i].group == group && kind_of(&items[i], by_class) == kind)
			buf_printf(out, "M%.1f %.1f%s", frame->left + frame->scale * y[2 * i], frame->top + frame->scale * y[2 * i + 1],
				marks[group % MARKS].shape);
	buf_append_string(out, "\"/>\n");
}

static void legend_line(struct buf *out, size_t *line, size_t kind, size_t group, struct span name)
{
	const size_t middle = EDGE + LINE / 2 + LINE * (*line)++;

	if (*line > LEGEND_LINES)
		return;
	begin_path(out, kind, group);
	buf_printf(
		out, "M%d %zu%s\"/>\n<text x=\"%d\" y=\"%zu\">", LEGEND + 6, middle, marks[group % MARKS].shape, LEGEND + 18, middle + 4);
	html_text(out, *line == LEGEND_LINES ? span_string("...") : name);
	buf_append_string(out, "</text>\n");
}

static void draw_legend(struct buf *out, const struct points *points, const struct kinds *kinds, bool by_class)
{
	size_t line = 0;

	for (size_t group = 0; group < points->groups && (points->groups > 1 || !by_class); group++)
		legend_line(out, &line, by_class ? SIZE_MAX : group, group, points->names[group]);
	line += by_class && line;
	for (size_t i = 0; by_class && i < kinds->count; i++) {
		const size_t kind = kinds->items[i];
		struct buf number = { 0 };
		buf_printf(&number, "%zu", kind);
		legend_line(out, &line, kind, 0, kind < points->classes ? span_string(points->class_names[kind]) : buf_span(&number));
		buf_free(&number);
	}
}

void scatter_draw(struct buf *out, const struct points *points, const double *y, bool by_class, const char *about)
{
	const struct frame frame = frame_of(y, points->count);
	struct kinds kinds = find_kinds(points, by_class);

	out->failed |= !kinds.items;
	buf_printf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n<desc>",
		WIDTH, HEIGHT, WIDTH, HEIGHT);
	html_string(out, about);
	buf_append_string(out, "</desc>\n");
	buf_append_string(out, style);
	for (size_t group = 0; group < points->groups; group++) {
		if (by_class)
			draw_kind(out, points, y, &frame, true, SIZE_MAX, group);
		for (size_t i = 0; i < kinds.count; i++)
			draw_kind(out, points, y, &frame, by_class, kinds.items[i], group);
	}
	draw_legend(out, points, &kinds, by_class);
	free(kinds.items);
	buf_append_string(out, "</svg>\n");
}
