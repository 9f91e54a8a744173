#include "formats/tensor/safetensors.h"

#include "formats/stream/io.h"
#include "formats/text/json.h"

#include <stdlib.h>
#include <string.h>

static int by_size_and_name(const void *a, const void *b)
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

/* {"dtype", "shape", "data_offsets"} of one tensor. */
static int describe(struct value *about, const struct safetensors_item *item, uint64_t begin, struct arena *arena)
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
		failed = describe(&about, &items[i], begin, &arena) || value_add(&root, span_string(items[i].name), about, &arena);
		begin += item_bytes(&items[i]);
	}
	int status = failed ? err_memory(err) : json_write(&root, header, err);
	arena_free(&arena);
	while (status == 0 && !header->failed && header->size % 8) /* so that the numbers are aligned in a mapped file */
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
		qsort(items, count, sizeof *items, by_size_and_name);
	int status = make_header(&header, metadata, items, count, err) || write_all(fd, &header, items, count, err);
	buf_free(&header);
	return status ? -1 : 0;
}
