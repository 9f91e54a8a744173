#include "tools/view/points.h"

#include "metric/embedding.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

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

/* 1: it is taken. 0: it is bad, and err says why. */
static int take(struct points *points, const struct record *record, const char *field, struct embedding *embedding, struct err *err)
{
	const struct field *cls = record_find(record, "cls");
	struct point point = { .label = cls && cls->kind == FIELD_INTEGER ? cls->integer : -1, .group = points->groups };

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

static int read_records(struct points *points, struct tool *tool, struct stream_reader *reader, const char *field)
{
	struct embedding embedding = { 0 };
	struct record record = { 0 };
	int state;

	while ((state = stream_read(reader, &record, &tool->err)) > 0) {
		if (state == STREAM_EPOCH && reader->epoch > 0) {
			state = err_set(&tool->err, "a second epoch begins: the same points again");
			break;
		}
		if (state == STREAM_RECORD && ++tool->in.records) /* of all files: what --max-bad is a share of */
			state = take(points, &record, field, &embedding, &tool->err);
		if (state < 0)
			err_add(&tool->err, "%.*s", span_shown(record.key, 200), (const char *)record.key.data);
		if (state == 0)
			state = tool_bad(tool, record.key, tool->err.text);
		if (state < 0)
			break;
	}
	record_free(&record);
	embedding_free(&embedding);
	return state;
}

int points_read(struct points *points, struct tool *tool, struct span name, const char *path, const char *field)
{
	const bool standard = !path || strcmp(path, "-") == 0;
	const int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct err *err = &tool->err;
	struct stream_reader reader;

	if (fd < 0)
		return err_errno(err, "%s", path);
	if (points->groups == POINT_GROUPS)
		return err_set(err, "%s: more than %d files", path, POINT_GROUPS);
	points->names[points->groups] = name;
	const int status = stream_open(&reader, fd, &tool->limits, err) || take_model(points, &reader, err) ||
		take_classes(points, &reader, err) || read_records(points, tool, &reader, field);
	points->groups++;
	stream_close(&reader);
	if (!standard)
		close(fd);
	return status ? err_add(err, "%s", standard ? "standard input" : path) : 0;
}

void points_free(struct points *points)
{
	buf_free(&points->floats);
	buf_free(&points->items);
	arena_free(&points->arena);
}
