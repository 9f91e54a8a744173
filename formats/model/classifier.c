#include "formats/model/classifier.h"

#include "formats/text/json.h"
#include "formats/tensor/safetensors.h"
#include "formats/stream/stream.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Class prompts as `cc-embed --prompts` writes them: one record for each class, with cls (0, 1, 2 ...), txt (its name) and text.npy. */

struct rows {
	struct buf weights, names, sizes; /* the names without separators, and the size_t length of each */
	size_t count, width;
};

static int add_row(struct rows *rows, const struct record *record, struct err *err)
{
	const struct field *vector = record_tensor(record, "text.npy", "<f4", 1, err);
	struct span name;
	int64_t label;

	if (!vector || record_text(record, &name, err) || record_label(record, &label, err))
		return -1;
	if (label != (int64_t)rows->count)
		return err_set(err, "expected cls %zu: classes must be numbered 0, 1, 2, ... in this order", rows->count);
	size_t width = vector->tensor.shape[0];
	if (width == 0 || (rows->count && width != rows->width))
		return err_set(err, "text.npy has %zu numbers; earlier classes have %zu", width, rows->width);
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
		return err_set(err, "contains no classes");
	return state;
}

static int set_classes(struct classifier *classifier, const struct rows *rows, struct err *err)
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

/* The header is in the reader's arena, which becomes the classifier's. */
static void take_header(struct classifier *classifier, struct stream_reader *reader)
{
	classifier->arena = reader->arena;
	reader->arena = (struct arena){ 0 };
	classifier->header = reader->header;
	classifier->raw = value_bool_or(value_get(&classifier->header, "raw"), false);
	classifier->model = value_string_or(value_get(&classifier->header, "model"), "");
}

static int classifier_read_stream(struct classifier *classifier, const char *path, const struct limits *limits, struct err *err)
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
		take_header(classifier, &reader);
		status = set_classes(classifier, &rows, err);
	}
	stream_close(&reader);
	close(fd);
	buf_free(&rows.weights);
	buf_free(&rows.names);
	buf_free(&rows.sizes);
	return status;
}

/* safetensors begins with eight bytes of header length, whose upper half is 0, and a brace; a record stream never does. */
static int is_safetensors(const char *path, bool *is, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char start[9] = { 0 };

	if (fd < 0)
		return err_errno(err, "%s", path);
	*is = pread(fd, start, sizeof start, 0) == sizeof start && memcmp(start + 4, "\0\0\0\0{", 5) == 0;
	close(fd);
	return 0;
}

static int read_names(struct classifier *classifier, const struct safetensors *file, const struct limits *limits, struct err *err)
{
	struct value names;

	if (json_read(safetensors_metadata(file, "classes"), limits, &classifier->arena, &names, err))
		return err_add(err, "classes");
	if (names.kind != VALUE_ARRAY || names.list.count != classifier->count)
		return err_set(err, "classes: must be a list of %zu names, one for each row of head.weight", classifier->count);
	classifier->names = arena_zeroed(&classifier->arena, classifier->count, sizeof *classifier->names);
	if (!classifier->names)
		return err_memory(err);
	for (size_t i = 0; i < classifier->count; i++) {
		if (names.list.items[i].kind != VALUE_STRING)
			return err_set(err, "classes: item %zu is not a string", i);
		classifier->names[i] = names.list.items[i].string;
	}
	return 0;
}

static int read_about(struct classifier *classifier, const struct safetensors *file, const struct limits *limits, struct err *err)
{
	struct span model = safetensors_metadata(file, "model"), header = safetensors_metadata(file, "provenance");

	classifier->raw = span_is(safetensors_metadata(file, "features"), "raw");
	classifier->model = span_of(arena_string(&classifier->arena, model.data, model.size), model.size);
	if (header.size && json_read(header, limits, &classifier->arena, &classifier->header, err))
		return err_add(err, "provenance");
	return classifier->model.data ? 0 : err_memory(err);
}

static int read_head(struct classifier *classifier, const struct safetensors *file, const struct limits *limits, struct err *err)
{
	const struct safetensor *weight = safetensors_find(file, "head.weight"), *bias = safetensors_find(file, "head.bias");

	if (!weight || strcmp(weight->dtype, "F32") != 0 || weight->rank != 2 || weight->end == weight->begin)
		return err_set(err, "no head.weight (F32, two axes), so it is not a classifier");
	if (bias && (strcmp(bias->dtype, "F32") != 0 || bias->rank != 1 || bias->shape[0] != weight->shape[0]))
		return err_set(err, "head.bias: must be F32 with one number for each row of head.weight");
	classifier->count = weight->shape[0];
	classifier->width = weight->shape[1];
	classifier->weights = arena_alloc(&classifier->arena, (size_t)(weight->end - weight->begin));
	classifier->bias = bias ? arena_alloc(&classifier->arena, (size_t)(bias->end - bias->begin)) : NULL;
	if (classifier->arena.failed)
		return err_memory(err);
	if (safetensors_read(file, weight, classifier->weights, err) || (bias && safetensors_read(file, bias, classifier->bias, err)) ||
		read_names(classifier, file, limits, err))
		return -1;
	return read_about(classifier, file, limits, err);
}

int classifier_read(struct classifier *classifier, const char *path, const struct limits *limits, struct err *err)
{
	struct safetensors file;
	bool head = false;

	*classifier = (struct classifier){ .header = value_map() };
	if (is_safetensors(path, &head, err))
		return -1;
	if (!head)
		return classifier_read_stream(classifier, path, limits, err) ? err_add(err, "%s", path) : 0;
	if (safetensors_open(&file, path, err))
		return -1;
	int status = read_head(classifier, &file, limits, err);
	safetensors_close(&file);
	return status ? err_add(err, "%s", path) : 0;
}

static int set_json(struct value *metadata, const char *name, const struct value *value, struct arena *arena, struct err *err)
{
	struct buf text = { 0 };
	int status = json_write(value, &text, err);
	char *copy = status ? NULL : arena_string(arena, text.data, text.size);

	if (status == 0 && (!copy || value_set(metadata, name, value_span(span_of(copy, text.size)), arena)))
		status = err_memory(err);
	buf_free(&text);
	return status;
}

static int make_metadata(const struct classifier *classifier, struct value *metadata, struct arena *arena, struct err *err)
{
	struct value names = value_array();

	*metadata = value_map();
	for (size_t i = 0; i < classifier->count; i++)
		value_push(&names, value_span(classifier->names[i]), arena);
	value_set(metadata, "features", value_string(classifier->raw ? "raw" : "normalised"), arena);
	value_set(metadata, "model", value_span(classifier->model), arena);
	if (arena->failed)
		return err_memory(err);
	return set_json(metadata, "classes", &names, arena, err) || set_json(metadata, "provenance", &classifier->header, arena, err) ? -1
																      : 0;
}

int classifier_write(const struct classifier *classifier, int fd, struct err *err)
{
	struct safetensors_item items[2] = {
		{ "head.weight", "F32", 2, { classifier->count, classifier->width }, classifier->weights },
		{ "head.bias", "F32", 1, { classifier->count }, classifier->bias },
	};
	struct arena arena = { 0 };
	struct value metadata;
	int status = make_metadata(classifier, &metadata, &arena, err);

	if (status == 0)
		status = safetensors_write(fd, &metadata, items, classifier->bias ? 2 : 1, err);
	arena_free(&arena);
	return status;
}

void classifier_free(struct classifier *classifier)
{
	arena_free(&classifier->arena);
	*classifier = (struct classifier){ 0 };
}
