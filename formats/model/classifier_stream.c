#include "formats/model/classifier_stream.h"

#include "formats/stream/stream.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* What has been read so far; names as (offset, size) in one buffer. */
struct rows {
	struct buf weights, names, sizes;
	size_t count, width;
};

static int add_row(struct rows *rows, const struct record *record, struct err *err)
{
	const struct field *cls = record_find(record, "cls");
	const struct field *vector = record_tensor(record, "text.npy", "<f4", 1, err);
	struct span name;

	if (!vector || record_text(record, &name, err))
		return -1;
	if (!cls || cls->kind != FIELD_INTEGER || cls->integer != (int64_t)rows->count)
		return err_set(err, "cls is not %zu: classes are expected in order", rows->count);
	size_t width = vector->tensor.shape[0];
	if (width == 0 || (rows->count && width != rows->width))
		return err_set(err, "text.npy has %zu numbers, where others have %zu", width, rows->width);
	rows->width = width;
	rows->count++;
	buf_append_span(&rows->weights, vector->bytes);
	buf_append_span(&rows->names, name);
	buf_append(&rows->sizes, &name.size, sizeof name.size);
	return rows->weights.failed || rows->names.failed || rows->sizes.failed ? err_memory(err) : 0;
}

static int read_rows(struct rows *rows, struct stream_reader *reader, struct err *err)
{
	struct record record = { 0 };
	int state;

	while ((state = stream_read(reader, &record, err)) > 0)
		if (state == STREAM_RECORD && add_row(rows, &record, err)) {
			err_add(err, "%.*s", span_shown(record.key, 200), (const char *)record.key.data);
			state = -1;
			break;
		}
	record_free(&record);
	if (state == 0 && rows->count == 0)
		return err_set(err, "no class in it");
	return state;
}

static int keep(struct classifier *classifier, const struct rows *rows, struct err *err)
{
	struct arena *arena = &classifier->arena;
	const char *name = arena_string(arena, rows->names.data, rows->names.size);

	classifier->count = rows->count;
	classifier->width = rows->width;
	classifier->names = arena_zeroed(arena, rows->count, sizeof *classifier->names);
	classifier->weights = arena_alloc(arena, rows->weights.size);
	if (arena->failed)
		return err_memory(err);
	memcpy(classifier->weights, rows->weights.data, rows->weights.size);
	for (size_t i = 0; i < rows->count; i++) {
		size_t size;
		memcpy(&size, rows->sizes.data + i * sizeof size, sizeof size);
		classifier->names[i] = span_of(name, size);
		name += size;
	}
	return 0;
}

/* The header lives in the reader's arena, which becomes the classifier's. */
static void keep_header(struct classifier *classifier, struct stream_reader *reader)
{
	classifier->arena = reader->arena;
	reader->arena = (struct arena){ 0 };
	classifier->header = reader->header;
	classifier->raw = value_bool_or(value_get(&classifier->header, "raw"), false);
	classifier->model = value_string_or(value_get(&classifier->header, "model"), "");
}

int classifier_read_stream(struct classifier *classifier, const char *path, const struct limits *limits, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stream_reader reader;
	struct rows rows = { 0 };

	if (fd < 0)
		return err_errno(err, "open");
	int status = stream_open(&reader, fd, limits, err);
	if (status == 0)
		status = read_rows(&rows, &reader, err);
	if (status == 0) {
		keep_header(classifier, &reader);
		status = keep(classifier, &rows, err);
	}
	stream_close(&reader);
	close(fd);
	buf_free(&rows.weights);
	buf_free(&rows.names);
	buf_free(&rows.sizes);
	return status;
}
