#include "formats/tensor/weight_index.h"

#include "formats/text/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INDEX_MAX = 64 << 20, FILES_MAX = 1000 };

/* A relative path without "..", control characters and backslashes. */
static bool is_safe(struct span path)
{
	size_t start = 0;

	if (path.size == 0 || path.size > 1000 || path.data[0] == '/')
		return false;
	for (size_t i = 0; i <= path.size; i++) {
		if (i < path.size && (path.data[i] < ' ' || path.data[i] == 0x7f || path.data[i] == '\\'))
			return false;
		if (i < path.size && path.data[i] != '/')
			continue;
		if (i - start == 0 || span_is(span_of(path.data + start, i - start), "..") ||
			span_is(span_of(path.data + start, i - start), "."))
			return false;
		start = i + 1;
	}
	return true;
}

static int read_entry(struct weight_index *index, struct span tensor, const struct value *file, struct err *err)
{
	const struct span name = value_string_or(file, "");

	if (file->kind != VALUE_STRING)
		return err_set(err, "must be the name of a file");
	if (!is_safe(name))
		return err_set(err, "'%.*s': the file must lie in the folder of the index or below it", span_shown(name, 100),
			(const char *)name.data);
	const int64_t file_number = map_add(&index->files, name), number = map_add(&index->tensors, tensor);
	if (file_number < 0 || number < 0)
		return err_memory(err);
	if (index->files.count > FILES_MAX)
		return err_set(err, "more than %d files", FILES_MAX);
	index->file_of[number] = (size_t)file_number;
	return 0;
}

static int read_map(struct weight_index *index, const struct value *map, struct err *err)
{
	if (!map || map->kind != VALUE_MAP || map->list.count == 0)
		return err_set(err, "missing, empty, or not a map");
	index->file_of = calloc(map->list.count, sizeof *index->file_of);
	if (!index->file_of)
		return err_memory(err);
	for (size_t i = 0; i < map->list.count; i++) {
		const struct span tensor = map->list.items[2 * i].string;
		if (read_entry(index, tensor, &map->list.items[2 * i + 1], err))
			return err_add(err, "%.*s", span_shown(tensor, 200), (const char *)tensor.data);
	}
	return 0;
}

static int read_total(struct weight_index *index, const struct value *total, struct err *err)
{
	const int64_t bytes = value_integer_or(total, -1);

	index->has_total = total && total->kind != VALUE_NULL;
	if (index->has_total && bytes < 0)
		return err_set(err, "metadata: total_size: must be a number of bytes");
	index->total = (uint64_t)bytes;
	return 0;
}

static const struct limits index_limits = { .record = INDEX_MAX, .depth = 8, .elements = 1u << 20 };

bool weight_index_is(struct span json)
{
	struct arena arena = { 0 };
	struct value root;
	struct err ignored;
	const bool is = json_read(json, &index_limits, &arena, &root, &ignored) == 0 && value_get(&root, "weight_map");

	arena_free(&arena);
	return is;
}

int weight_index_read(struct weight_index *index, struct span json, struct err *err)
{
	struct arena arena = { 0 };
	struct value root;

	*index = (struct weight_index){ 0 };
	int status = json_read(json, &index_limits, &arena, &root, err);
	if (status == 0 && read_map(index, value_get(&root, "weight_map"), err))
		status = err_add(err, "weight_map");
	if (status == 0)
		status = read_total(index, value_get(value_get(&root, "metadata"), "total_size"), err);
	arena_free(&arena);
	return status;
}

void weight_index_free(struct weight_index *index)
{
	map_free(&index->files);
	map_free(&index->tensors);
	free(index->file_of);
	*index = (struct weight_index){ 0 };
}

bool weight_index_is_part(const char *name, unsigned *part, unsigned *parts, struct buf *index_name)
{
	static const char pattern[] = "-00000-of-00000.";
	const size_t size = sizeof pattern - 1, length = strlen(name);

	for (size_t at = 1; at + size < length; at++) {
		size_t i = 0;
		while (i < size && (pattern[i] == '0' ? name[at + i] >= '0' && name[at + i] <= '9' : name[at + i] == pattern[i]))
			i++;
		if (i < size || sscanf(name + at, "-%5u-of-%5u.", part, parts) != 2 || *parts < 2)
			continue;
		buf_printf(index_name, "%.*s%s.index.json", (int)at, name, name + at + size - 1);
		return true;
	}
	return false;
}
