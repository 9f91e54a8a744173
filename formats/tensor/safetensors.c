#include "formats/tensor/safetensors.h"

#include "formats/stream/file_magic.h"
#include "formats/stream/io.h"
#include "formats/text/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 600 tensors take 80 KB; a vocabulary and provenance in the metadata take a few MB. */
enum { HEADER_MAX = 64 << 20 };

static const struct {
	const char *name;
	size_t size;
} dtypes[] = { { "F64", 8 }, { "I64", 8 }, { "U64", 8 }, { "F32", 4 }, { "I32", 4 }, { "U32", 4 }, { "F16", 2 }, { "BF16", 2 },
	{ "I16", 2 }, { "U16", 2 }, { "F8_E4M3", 1 }, { "F8_E5M2", 1 }, { "I8", 1 }, { "U8", 1 }, { "BOOL", 1 } };

size_t safetensors_dtype_size(const char *dtype)
{
	for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
		if (strcmp(dtypes[i].name, dtype) == 0)
			return dtypes[i].size;
	return 0;
}

static int parse_dtype(struct safetensor *tensor, const struct value *value, struct err *err)
{
	struct span name = value_string_or(value, "");

	if (name.size && name.size < sizeof tensor->dtype) {
		memcpy(tensor->dtype, name.data, name.size);
		if (safetensors_dtype_size(tensor->dtype))
			return 0;
	}
	return err_set(err, "dtype is missing or unknown");
}

/* *bytes: size that the shape requires. */
static int parse_shape(struct safetensor *tensor, const struct value *shape, uint64_t *bytes, struct err *err)
{
	*bytes = safetensors_dtype_size(tensor->dtype);
	if (!shape || shape->kind != VALUE_ARRAY)
		return err_set(err, "shape is missing or not a list");
	if (shape->list.count > SAFETENSORS_RANK)
		return err_set(err, "%zu axes, more than %d", shape->list.count, SAFETENSORS_RANK);
	tensor->rank = shape->list.count;
	for (size_t i = 0; i < tensor->rank; i++) {
		const struct value *size = &shape->list.items[i];
		if (size->kind != VALUE_INTEGER || size->integer < 0)
			return err_set(err, "shape: axis %zu is not a count", i);
		uint64_t n = (uint64_t)size->integer;
		if (n && *bytes > INT64_MAX / n)
			return err_set(err, "shape: the product of its axes is too large");
		*bytes *= n;
		tensor->shape[i] = (size_t)n;
	}
	return 0;
}

static int parse_offsets(struct safetensor *tensor, const struct value *offsets, struct err *err)
{
	const struct value *items = offsets && offsets->kind == VALUE_ARRAY ? offsets->list.items : NULL;

	if (!items || offsets->list.count != 2 || items[0].kind != VALUE_INTEGER || items[1].kind != VALUE_INTEGER ||
		items[0].integer < 0 || items[1].integer < items[0].integer)
		return err_set(err, "data_offsets is not [begin, end]");
	tensor->begin = (uint64_t)items[0].integer;
	tensor->end = (uint64_t)items[1].integer;
	return 0;
}

static int parse_tensor(struct safetensor *tensor, const struct value *about, struct err *err)
{
	uint64_t bytes;

	if (parse_dtype(tensor, value_get(about, "dtype"), err) || parse_shape(tensor, value_get(about, "shape"), &bytes, err) ||
		parse_offsets(tensor, value_get(about, "data_offsets"), err))
		return -1;
	if (tensor->end - tensor->begin != bytes)
		return err_set(err, "%llu bytes, but its shape requires %llu", (unsigned long long)(tensor->end - tensor->begin),
			(unsigned long long)bytes);
	return 0;
}

static int check_metadata(const struct value *metadata, struct err *err)
{
	if (metadata->kind != VALUE_MAP)
		return err_set(err, "__metadata__ is not a map");
	for (size_t i = 0; i < metadata->list.count; i++)
		if (metadata->list.items[2 * i + 1].kind != VALUE_STRING)
			return err_set(err, "__metadata__ contains a value that is not a string");
	return 0;
}

static int by_begin(const void *a, const void *b)
{
	const struct safetensor *left = a, *right = b;

	if (left->begin != right->begin)
		return left->begin < right->begin ? -1 : 1;
	if (left->end != right->end)
		return left->end < right->end ? -1 : 1;
	return span_compare(left->name, right->name);
}

static int check_layout(struct safetensors *file, uint64_t data_size, struct err *err)
{
	uint64_t end = 0;

	qsort(file->tensors, file->count, sizeof *file->tensors, by_begin);
	for (size_t i = 0; i < file->count; i++) {
		const struct safetensor *tensor = &file->tensors[i];
		if (tensor->begin != end)
			return err_set(err, "%.*s: begins at byte %llu of the data, but the tensor before it ends at %llu",
				span_shown(tensor->name, 200), tensor->name.data, (unsigned long long)tensor->begin,
				(unsigned long long)end);
		end = tensor->end;
	}
	if (end != data_size)
		return err_set(err, "%s: the tensors take %llu bytes, but the file has %llu", end > data_size ? "truncated" : "too long",
			(unsigned long long)end, (unsigned long long)data_size);
	return 0;
}

static int parse(struct safetensors *file, struct span header, uint64_t data_size, struct err *err)
{
	struct limits limits = { .record = HEADER_MAX, .depth = 4, .elements = 1u << 20 };
	struct value root;

	if (json_read(header, &limits, &file->arena, &root, err))
		return err_add(err, "header");
	if (root.kind != VALUE_MAP)
		return err_set(err, "header: not a map");
	file->tensors = arena_zeroed(&file->arena, root.list.count + 1, sizeof *file->tensors);
	if (!file->tensors)
		return err_memory(err);
	for (size_t i = 0; i < root.list.count; i++) {
		struct span name = root.list.items[2 * i].string;
		const struct value *about = &root.list.items[2 * i + 1];
		if (span_is(name, "__metadata__")) {
			file->metadata = *about;
			if (check_metadata(about, err))
				return -1;
			continue;
		}
		struct safetensor *tensor = &file->tensors[file->count++];
		tensor->name = name;
		if (parse_tensor(tensor, about, err))
			return err_add(err, "%.*s", span_shown(name, 200), name.data);
	}
	return check_layout(file, data_size, err);
}

int safetensors_parse(struct safetensors *file, struct span header, uint64_t data_size, struct err *err)
{
	*file = (struct safetensors){ .fd = -1, .metadata = value_map() };
	if (parse(file, header, data_size, err) == 0)
		return 0;
	safetensors_close(file);
	return -1;
}

static int read_at(int fd, void *data, uint64_t size, uint64_t offset, struct err *err)
{
	for (char *rest = data; size;) {
		ssize_t got = pread(fd, rest, size < (1u << 30) ? (size_t)size : 1u << 30, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, "read");
		if (got == 0)
			return err_set(err, "the file was truncated while it was being read");
		rest += got;
		size -= (uint64_t)got;
		offset += (uint64_t)got;
	}
	return 0;
}

/* An error that says what the file is and what to do with it, or `else_` if its kind is unknown. */
static int refuse(const struct safetensors *file, const char *else_, struct err *err)
{
	char bytes[FILE_MAGIC_BYTES + 1] = "";
	const ssize_t got = io_read_at(file->fd, bytes, FILE_MAGIC_BYTES, 0, err);
	const struct span head = span_of(bytes, got > 0 ? (size_t)got : 0);

	if (got < 0)
		return -1;
	const struct file_magic *magic = file_magic(head);
	if (magic && magic->magic == MAGIC_JSON && strstr(bytes, "\"weight_map\""))
		return err_set(err, "this is the index of sharded weights; convert them with `cc-model import FILE`");
	return magic && magic->magic != MAGIC_SAFETENSORS ? file_magic_refuse_model(head, "a safetensors model", err)
							  : err_set(err, "%s", else_);
}

/* The header's length, checked against the file's. */
static int read_length(struct safetensors *file, uint64_t *length, uint64_t *size, struct err *err)
{
	unsigned char bytes[9];
	char reason[128];
	struct stat about;

	if (fstat(file->fd, &about))
		return err_errno(err, "stat");
	if (!S_ISREG(about.st_mode))
		return err_set(err, "not a regular file");
	*size = (uint64_t)about.st_size;
	if (*size < sizeof bytes)
		return refuse(file, "truncated: too short for a safetensors file", err);
	if (read_at(file->fd, bytes, sizeof bytes, 0, err))
		return -1;
	*length = 0;
	for (int i = 7; i >= 0; i--)
		*length = *length << 8 | bytes[i];
	if (*length > HEADER_MAX) {
		snprintf(reason, sizeof reason, "not a safetensors file: its header would have %llu bytes", (unsigned long long)*length);
		return refuse(file, reason, err);
	}
	if (bytes[8] != '{' || *length == 0)
		return refuse(file, "not a safetensors file: its header is not JSON", err);
	if (*length > *size - 8)
		return err_set(
			err, "truncated: a header of %llu bytes in a file of %llu", (unsigned long long)*length, (unsigned long long)*size);
	return 0;
}

static int read_header(struct safetensors *file, struct err *err)
{
	uint64_t length = 0, size = 0;

	if (read_length(file, &length, &size, err))
		return -1;
	char *header = malloc((size_t)length + 1);
	if (!header)
		return err_memory(err);
	file->data_begins = 8 + length;
	int status =
		read_at(file->fd, header, length, 8, err) || parse(file, span_of(header, (size_t)length), size - file->data_begins, err);
	free(header);
	return status ? -1 : 0;
}

/* O_NONBLOCK: a FIFO named by an index of parts is an error, not a hang. */
int safetensors_open(struct safetensors *file, const char *path, struct err *err)
{
	*file = (struct safetensors){ .fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), .metadata = value_map() };
	if (file->fd < 0)
		return err_errno(err, "%s", path);
	file->path = strdup(path);
	if (!file->path)
		err_memory(err);
	else if (read_header(file, err) == 0)
		return 0;
	err_add(err, "%s", path);
	safetensors_close(file);
	return -1;
}

const struct safetensor *safetensors_find(const struct safetensors *file, const char *name)
{
	for (size_t i = 0; i < file->count; i++)
		if (span_is(file->tensors[i].name, name))
			return &file->tensors[i];
	return NULL;
}

struct span safetensors_metadata(const struct safetensors *file, const char *name)
{
	return value_string_or(value_get(&file->metadata, name), "");
}

int safetensors_read(const struct safetensors *file, const struct safetensor *tensor, void *data, struct err *err)
{
	if (read_at(file->fd, data, tensor->end - tensor->begin, file->data_begins + tensor->begin, err))
		return err_add(err, "%s: %.*s", file->path, span_shown(tensor->name, 200), tensor->name.data);
	return 0;
}

void safetensors_close(struct safetensors *file)
{
	if (file->fd >= 0)
		close(file->fd);
	free(file->path);
	arena_free(&file->arena);
	*file = (struct safetensors){ .fd = -1, .metadata = value_map() };
}

static int item_order(const void *a, const void *b)
{
	const struct safetensors_item *left = a, *right = b;
	size_t left_size = safetensors_dtype_size(left->dtype), right_size = safetensors_dtype_size(right->dtype);

	if (left_size != right_size)
		return left_size > right_size ? -1 : 1;
	return strcmp(left->name, right->name);
}

static uint64_t item_bytes(const struct safetensors_item *item)
{
	uint64_t bytes = safetensors_dtype_size(item->dtype);

	for (size_t i = 0; i < item->rank; i++)
		bytes *= item->shape[i];
	return bytes;
}

static int describe_item(struct value *about, const struct safetensors_item *item, uint64_t begin, struct arena *arena)
{
	struct value shape = value_array(), offsets = value_array();
	int failed = 0;

	*about = value_map();
	for (size_t i = 0; i < item->rank; i++)
		failed |= value_push(&shape, value_integer((int64_t)item->shape[i]), arena);
	failed |= value_push(&offsets, value_integer((int64_t)begin), arena);
	failed |= value_push(&offsets, value_integer((int64_t)(begin + item_bytes(item))), arena);
	failed |= value_set(about, "dtype", value_string(item->dtype), arena);
	failed |= value_set(about, "shape", shape, arena);
	failed |= value_set(about, "data_offsets", offsets, arena);
	return failed;
}

static int make_header(
	struct buf *header, const struct value *metadata, const struct safetensors_item *items, size_t count, struct err *err)
{
	struct arena arena = { 0 };
	struct value root = value_map(), about;
	uint64_t begin = 0;
	int failed = metadata->list.count ? value_set(&root, "__metadata__", *metadata, &arena) : 0;

	for (size_t i = 0; i < count && !failed; i++) {
		failed = describe_item(&about, &items[i], begin, &arena) || value_add(&root, span_string(items[i].name), about, &arena);
		begin += item_bytes(&items[i]);
	}
	int status = failed ? err_memory(err) : json_write(&root, header, err);
	arena_free(&arena);
	while (status == 0 && !header->failed && header->size % 8) /* aligns the numbers in a mapped file */
		buf_append_byte(header, ' ');
	return status == 0 && header->failed ? err_memory(err) : status;
}

static int write_bytes(int fd, const void *data, uint64_t size, struct err *err)
{
	return io_write(fd, span_of(data, size), span_of(NULL, 0), err);
}

static int write_all(int fd, const struct buf *header, const struct safetensors_item *items, size_t count, struct err *err)
{
	unsigned char length[8];

	for (int i = 0; i < 8; i++)
		length[i] = (unsigned char)((uint64_t)header->size >> (8 * i));
	if (write_bytes(fd, length, sizeof length, err) || write_bytes(fd, header->data, header->size, err))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (write_bytes(fd, items[i].data, item_bytes(&items[i]), err))
			return err_add(err, "%s", items[i].name);
	return 0;
}

int safetensors_write(int fd, const struct value *metadata, struct safetensors_item *items, size_t count, struct err *err)
{
	struct buf header = { 0 };

	if (count)
		qsort(items, count, sizeof *items, item_order);
	int status = make_header(&header, metadata, items, count, err) || write_all(fd, &header, items, count, err);
	buf_free(&header);
	return status ? -1 : 0;
}
