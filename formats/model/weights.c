#include "formats/model/weights.h"

#include "formats/stream/io.h"
#include "formats/tensor/weight_index.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST_INDEX = 64 << 20 };

static int read_start(const char *path, unsigned char start[4], size_t *size, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat about = { 0 };

	if (fd < 0)
		return err_errno(err, "%s", path);
	if (fstat(fd, &about) || !S_ISREG(about.st_mode)) {
		close(fd);
		return S_ISDIR(about.st_mode)
			       ? err_set(err, "%s: is a folder; give the weights file in it, such as model.safetensors", path)
			       : err_set(err, "%s: not a regular file", path);
	}
	ssize_t got = io_read(fd, start, 4, err);
	close(fd);
	*size = got > 0 ? (size_t)got : 0;
	return got < 0 ? err_add(err, "%s", path) : 0;
}

static bool is_torch(const unsigned char *start, size_t size)
{
	static const unsigned char old_torch[] = { 0x80, 2, 0x8a };

	return torch_pt_is(start, size) || (size >= 3 && memcmp(start, old_torch, 3) == 0);
}

static int open_file(struct weight_file *file, const char *path, struct err *err)
{
	unsigned char start[4];
	size_t size = 0;

	*file = (struct weight_file){ .file.fd = -1 };
	if (read_start(path, start, &size, err))
		return -1;
	file->torch = is_torch(start, size);
	if (file->torch ? torch_pt_open(&file->pt, path, err) : safetensors_open(&file->file, path, err))
		return -1;
	file->count = file->torch ? file->pt.count : file->file.count;
	return 0;
}

static struct weight weight_of(const struct weight_file *file, size_t i)
{
	if (file->torch) {
		const struct torch_tensor *tensor = &file->pt.tensors[i];
		return (struct weight){ tensor->name, tensor->dtype, tensor->rank, tensor->shape, tensor };
	}
	const struct safetensor *tensor = &file->file.tensors[i];
	return (struct weight){ tensor->name, tensor->dtype, tensor->rank, tensor->shape, tensor };
}

static int list(struct weights *weights, struct err *err)
{
	for (size_t i = 0; i < weights->file_count; i++) {
		weights->files[i].first = weights->count;
		weights->count += weights->files[i].count;
	}
	weights->items = calloc(weights->count + 1, sizeof *weights->items);
	if (!weights->items)
		return err_memory(err);
	for (size_t i = 0; i < weights->file_count; i++)
		for (size_t k = 0; k < weights->files[i].count; k++)
			weights->items[weights->files[i].first + k] = weight_of(&weights->files[i], k);
	return 0;
}

static uint64_t bytes_of(const struct weight *weight)
{
	uint64_t bytes = safetensors_dtype_size(weight->dtype);

	for (size_t i = 0; i < weight->rank; i++)
		bytes *= weight->shape[i];
	return bytes;
}

/* Each tensor must be in the file for which the index lists it, and each file must hold no other. */
static int check_index(const struct weights *weights, const struct weight_index *index, struct err *err)
{
	bool *seen = calloc(index->tensors.count + 1, sizeof *seen);
	size_t found = 0;
	uint64_t bytes = 0;
	int status = seen ? 0 : err_memory(err);

	for (size_t i = 0; status == 0 && i < weights->file_count; i++)
		for (size_t k = 0; status == 0 && k < weights->files[i].count; k++) {
			const struct weight *weight = &weights->items[weights->files[i].first + k];
			const int64_t number = map_find(&index->tensors, weight->name);
			const struct span file = map_key(&index->files, i);
			if (number == MAP_NONE || index->file_of[number] != i || seen[number])
				status = err_set(err, "%.*s: found in %.*s, but the index does not list it there",
					span_shown(weight->name, 200), (const char *)weight->name.data, span_shown(file, 200),
					(const char *)file.data);
			else
				seen[number] = ++found;
			bytes += bytes_of(weight);
		}
	for (size_t i = 0; status == 0 && i < index->tensors.count; i++)
		if (!seen[i]) {
			const struct span name = map_key(&index->tensors, i), file = map_key(&index->files, index->file_of[i]);
			status = err_set(err, "%.*s: missing from %.*s, where the index lists it", span_shown(name, 200),
				(const char *)name.data, span_shown(file, 200), (const char *)file.data);
		}
	free(seen);
	if (status == 0 && index->has_total && bytes != index->total)
		return err_set(err, "metadata: total_size is %llu, but the tensors have %llu bytes", (unsigned long long)index->total,
			(unsigned long long)bytes);
	return status;
}

/* A file name in the index is relative to the folder of the index. */
static int open_part(struct weight_file *part, const char *index_path, struct span name, struct err *err)
{
	const char *slash = strrchr(index_path, '/');
	struct buf path = { 0 };

	*part = (struct weight_file){ .file.fd = -1 };
	buf_append(&path, index_path, slash ? (size_t)(slash + 1 - index_path) : 0);
	buf_append_span(&path, name);
	buf_append_byte(&path, 0);
	int status = path.failed ? err_memory(err) : open_file(part, (const char *)path.data, err);
	buf_free(&path);
	return status;
}

static int open_index(struct weights *weights, const char *path, struct err *err)
{
	struct weight_index index = { 0 };
	struct buf text = { 0 };

	int status = io_read_file(path, LARGEST_INDEX, &text, err);
	if (status == 0 && weight_index_read(&index, buf_span(&text), err))
		status = err_add(err, "%s", path);
	buf_free(&text);
	if (status == 0 && !(weights->files = calloc(index.files.count, sizeof *weights->files)))
		status = err_memory(err);
	for (size_t i = 0; status == 0 && i < index.files.count; i++) {
		status = open_part(&weights->files[i], path, map_key(&index.files, i), err);
		weights->file_count++;
		if (status)
			err_add(err, "%s", path);
	}
	if (status == 0)
		status = list(weights, err);
	if (status == 0 && check_index(weights, &index, err))
		status = err_add(err, "%s", path);
	weight_index_free(&index);
	return status;
}

int weights_open(struct weights *weights, const char *path, struct err *err)
{
	unsigned char start[4];
	size_t size = 0;

	*weights = (struct weights){ 0 };
	if (read_start(path, start, &size, err))
		return -1;
	if (size && start[0] == '{')
		return open_index(weights, path, err);
	weights->files = calloc(1, sizeof *weights->files);
	if (!weights->files)
		return err_memory(err);
	weights->file_count = 1;
	return open_file(&weights->files[0], path, err) || list(weights, err) ? -1 : 0;
}

bool weights_are_scripted(const struct weights *weights)
{
	return weights->file_count == 1 && weights->files[0].torch && weights->files[0].pt.scripted;
}

struct span weights_metadata(const struct weights *weights, const char *name)
{
	const bool single = weights->file_count == 1 && !weights->files[0].torch;

	return single ? safetensors_metadata(&weights->files[0].file, name) : span_of(NULL, 0);
}

/* Adapts a weights_sink to torch_pt, which reports its own tensors. */
struct relay {
	const struct weight_file *file;
	const struct weight *items; /* of this file */
	const struct weights_sink *sink;
};

static const struct weight *relayed(const struct relay *relay, const struct torch_tensor *tensor)
{
	return &relay->items[tensor - relay->file->pt.tensors];
}

static bool relay_wanted(void *context, const struct torch_tensor *tensor)
{
	const struct relay *relay = context;

	return relay->sink->wanted(relay->sink->context, relayed(relay, tensor));
}

static int relay_take(void *context, const struct torch_tensor *tensor, const void *data, struct err *err)
{
	const struct relay *relay = context;

	return relay->sink->take(relay->sink->context, relayed(relay, tensor), data, err);
}

static int read_safetensors(const struct weight_file *file, const struct weight *items, const struct weights_sink *sink, struct err *err)
{
	struct buf data = { 0 };
	int status = 0;

	for (size_t i = 0; status == 0 && i < file->count; i++) {
		const struct safetensor *tensor = items[i].source;
		if (!sink->wanted(sink->context, &items[i]))
			continue;
		buf_clear(&data);
		unsigned char *values = buf_reserve(&data, (size_t)(tensor->end - tensor->begin) + 1);
		status = !values                                              ? err_memory(err)
			 : safetensors_read(&file->file, tensor, values, err) ? -1
									      : sink->take(sink->context, &items[i], values, err);
	}
	buf_free(&data);
	return status;
}

int weights_read(const struct weights *weights, const struct weights_sink *sink, struct err *err)
{
	for (size_t i = 0; i < weights->file_count; i++) {
		const struct weight_file *file = &weights->files[i];
		struct relay relay = { file, weights->items + file->first, sink };
		struct torch_sink torch_sink = { .context = &relay, .wanted = relay_wanted, .take = relay_take };
		if (file->torch ? torch_pt_read(&file->pt, &torch_sink, err) : read_safetensors(file, relay.items, sink, err))
			return -1;
	}
	return 0;
}

void weights_close(struct weights *weights)
{
	for (size_t i = 0; i < weights->file_count; i++) {
		torch_pt_close(&weights->files[i].pt);
		safetensors_close(&weights->files[i].file);
	}
	free(weights->files);
	free(weights->items);
	*weights = (struct weights){ 0 };
}

const char *shape_text(char text[SHAPE_TEXT], size_t rank, const size_t *shape)
{
	size_t used = 0;

	strcpy(text, rank ? "" : "[]");
	for (size_t i = 0; i < rank && used < SHAPE_TEXT - 22; i++)
		used += (size_t)snprintf(text + used, SHAPE_TEXT - used, "%s%zu", i ? "x" : "", shape[i]);
	return text;
}
