#include "formats/source/shard_list.h"

#include "formats/stream/file_magic.h"
#include "formats/text/json.h"
#include "formats/stream/io.h"
#include "formats/source/crawl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct list {
	struct arena arena;
	struct buf text;
	struct buf path; /* of the current shard */
	const char *folder; /* of relative paths; ends in a slash, or is empty */
	int (*take)(void *context, const struct listed_shard *shard, struct err *err);
	void *context;
	bool any, nested;
};

/* LIST_ELEMENTS: a large crawl.  SIZES_ELEMENTS: half a million tars; lower, because the user did not name the file. */
enum { LIST_MOST = 256 << 20, LIST_ELEMENTS = 64 << 20, SIZES_ELEMENTS = 1 << 20 };

bool shard_list_is(const char *path)
{
	const size_t length = strlen(path);

	return length > 5 && strcmp(path + length - 5, ".json") == 0;
}

static int read_json(const char *path, size_t elements, struct buf *text, struct value *value, struct arena *arena, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;

	limits.elements = elements;
	if (io_read_file(path, LIST_MOST, text, err))
		return -1;
	if (file_magic_expect_text(buf_span(text), "a list of shards (JSON)", err))
		return err_add(err, "%s", path);
	return json_read(buf_span(text), &limits, arena, value, err) ? err_add(err, "%s", path) : 0;
}

/* Sets list->path.  A file: URL is a local path; other URLs are refused. */
static int local_path(struct list *list, struct span url, struct err *err)
{
	static const char file[] = "file:";
	const size_t size = sizeof file - 1;

	if (url.size > size && memcmp(url.data, file, size) == 0) {
		url = span_of(url.data + size, url.size - size);
		if (url.size > 2 && memcmp(url.data, "//", 2) == 0)
			url = span_of(url.data + 2, url.size - 2);
	}
	if (file_magic_refuse_url(url, err))
		return err_add(err, "%.*s", span_shown(url, 512), (const char *)url.data);
	if (url.size == 0 || memchr(url.data, 0, url.size))
		return err_set(err, "not a path");
	buf_clear(&list->path);
	if (*url.data != '/')
		buf_append_string(&list->path, list->folder);
	buf_append_span(&list->path, url);
	return list->path.failed ? err_memory(err) : 0;
}

static int take_shard(struct list *list, struct span url, const struct value *records, const struct value *bytes, struct err *err)
{
	struct listed_shard shard = { .records = (uint64_t)value_integer_or(records, -1),
		.sized = bytes && bytes->kind != VALUE_NULL,
		.bytes = (uint64_t)value_integer_or(bytes, -1) };

	if (value_integer_or(records, -1) < 0)
		return err_set(err, "%.*s: its number of samples is not an integer of at least 0", (int)url.size, url.data);
	if (shard.sized && value_integer_or(bytes, -1) < 0)
		return err_set(err, "%.*s: its size is not an integer of at least 0", (int)url.size, url.data);
	if (local_path(list, url, err))
		return -1;
	list->any = true;
	shard.path = buf_string(&list->path);
	if (list->take(list->context, &shard, err) == 0)
		return 0;
	return url.size > 5 && memcmp(url.data, "pipe:", 5) == 0 ? err_add(err, "a list of shards cannot run commands") : -1;
}

static int take_shards(struct list *list, const struct value *shards, struct err *err)
{
	if (shards->kind != VALUE_ARRAY)
		return err_set(err, "shardlist: expected an array");
	for (size_t i = 0; i < shards->list.count; i++) {
		const struct value *item = &shards->list.items[i];
		if (take_shard(list, value_string_or(value_get(item, "url"), ""), value_get(item, "nsamples"), value_get(item, "filesize"),
			    err))
			return err_add(err, "shardlist[%zu]", i);
	}
	return 0;
}

/* Relative paths in the list are relative to its "base", or else to its own folder. */
static int set_folder(struct list *list, const struct value *map, const char *own, struct err *err)
{
	struct span base = value_string_or(value_get(map, "base"), "");
	struct buf folder = { 0 };

	if (base.size == 0) {
		list->folder = own;
		return 0;
	}
	list->folder = own;
	if (local_path(list, base, err))
		return err_add(err, "base");
	buf_append_span(&folder, buf_span(&list->path));
	if (!folder.failed && folder.data[folder.size - 1] != '/')
		buf_append_byte(&folder, '/');
	list->folder = folder.failed ? NULL : arena_string(&list->arena, folder.data, folder.size);
	buf_free(&folder);
	return list->folder ? 0 : err_memory(err);
}

static int take_file(struct list *list, const char *path, struct err *err);

/* An entry of "datasets": a list of shards, or the path of another index. */
static int take_part(struct list *list, const struct value *part, const char *own, struct err *err)
{
	const struct value *shards = value_get(part, "shardlist"), *source = value_get(part, "source_url");

	if (source && list->nested)
		return err_set(err, "source_url: indexes are nested too deep (at most 2 levels)");
	if (!source)
		return shards ? set_folder(list, part, own, err) || take_shards(list, shards, err) ? -1 : 0
			      : err_set(err, "expected shardlist or source_url");
	list->folder = own;
	if (local_path(list, value_string_or(source, ""), err))
		return err_add(err, "source_url");
	char *path = arena_string(&list->arena, list->path.data, list->path.size);
	list->nested = true;
	int state = path ? take_file(list, path, err) : err_memory(err);
	list->nested = false;
	return state;
}

static int take_index(struct list *list, const struct value *index, const char *own, struct err *err)
{
	const struct value *shards = value_get(index, "shardlist"), *parts = value_get(index, "datasets");

	if (value_integer_or(value_get(index, "wids_version"), 0) != 1)
		return err_set(err, "wids_version: only version 1 is supported");
	if (shards && (set_folder(list, index, own, err) || take_shards(list, shards, err)))
		return -1;
	for (size_t i = 0; parts && parts->kind == VALUE_ARRAY && i < parts->list.count; i++)
		if (take_part(list, &parts->list.items[i], own, err))
			return err_add(err, "datasets[%zu]", i);
	return 0;
}

static int take_sizes(struct list *list, const struct value *sizes, struct err *err)
{
	for (size_t i = 0; i < sizes->list.count; i++)
		if (take_shard(list, sizes->list.items[2 * i].string, &sizes->list.items[2 * i + 1], NULL, err))
			return -1;
	return 0;
}

/* {"a.tar": 7, ...} */
static bool is_sizes(const struct value *value)
{
	if (value->kind != VALUE_MAP || value->list.count == 0)
		return false;
	for (size_t i = 0; i < value->list.count; i++)
		if (value->list.items[2 * i + 1].kind != VALUE_INTEGER)
			return false;
	return true;
}

static int take_file(struct list *list, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	const size_t length = slash ? (size_t)(slash - path) + 1 : 0;
	char *own = arena_string(&list->arena, path, length);
	struct value value;
	int state;

	buf_clear(&list->text);
	if (!own)
		return err_memory(err);
	if (read_json(path, LIST_ELEMENTS, &list->text, &value, &list->arena, err))
		return -1;
	list->folder = own;
	if (value_get(&value, "wids_version"))
		state = take_index(list, &value, own, err);
	else if (is_sizes(&value))
		state = take_sizes(list, &value, err);
	else
		state = err_set(err, "neither a wids index ({\"wids_version\": 1, \"shardlist\": ..}) nor sizes.json ({\"a.tar\": 7}): "
				     "to read records as JSON lines, use cc-shard read --jsonl");
	return state ? err_add(err, "%s", path) : 0;
}

int shard_list_read(
	const char *path, int (*take)(void *context, const struct listed_shard *shard, struct err *err), void *context, struct err *err)
{
	struct list list = { .take = take, .context = context };
	int state = take_file(&list, path, err);

	if (state == 0 && !list.any)
		state = err_set(err, "%s: lists no shards", path);
	arena_free(&list.arena);
	buf_free(&list.text);
	buf_free(&list.path);
	return state;
}

int shard_sizes_read(const char *path, struct value *sizes, struct arena *arena, struct err *err)
{
	struct buf text = { 0 };

	if (access(path, F_OK))
		return errno == ENOENT || errno == ENOTDIR ? 0 : err_errno(err, "%s", path);
	int state = read_json(path, SIZES_ELEMENTS, &text, sizes, arena, err);
	buf_free(&text);
	if (state == 0 && !is_sizes(sizes))
		return err_set(err, "%s: expected an object that maps shard names to numbers of samples", path);
	return state ? -1 : 1;
}

static char *joined(struct arena *arena, const char *first, const char *second)
{
	const size_t size = strlen(first), more = strlen(second);
	char *path = arena_zeroed(arena, size + more + 1, 1);

	if (path) {
		memcpy(path, first, size);
		memcpy(path + size, second, more);
	}
	return path;
}

/* Reads the sizes.json of the tar's folder, unless it was the last one read. */
static int read_sizes(struct side_counts *sides, const char *tar, size_t folder_size, struct err *err)
{
	if (sides->folder && strlen(sides->folder) == folder_size && memcmp(sides->folder, tar, folder_size) == 0)
		return 0;
	arena_reset(&sides->arena);
	sides->sizes = value_map();
	sides->folder = arena_string(&sides->arena, tar, folder_size);
	char *path = sides->folder ? joined(&sides->arena, sides->folder, "sizes.json") : NULL;
	return path ? shard_sizes_read(path, &sides->sizes, &sides->arena, err) : err_memory(err);
}

int side_count_find(
	struct side_counts *sides, const char *tar, uint64_t *records, const char **declared_by, struct arena *arena, struct err *err)
{
	const char *slash = strrchr(tar, '/'), *name = slash ? slash + 1 : tar;
	struct arena scratch = { 0 };
	struct crawl_stats stats;
	int64_t count = -1;

	*declared_by = NULL;
	int found = crawl_stats_read(tar, &stats, &scratch, err);
	arena_free(&scratch);
	if (found < 0 || (!found && read_sizes(sides, tar, (size_t)(name - tar), err) < 0))
		return -1;
	count = found ? (int64_t)stats.stored : value_integer_or(value_get(&sides->sizes, name), -1);
	if (count < 0)
		return 0;
	*records = (uint64_t)count;
	*declared_by = found ? "its _stats.json" : joined(arena, sides->folder, "sizes.json");
	return *declared_by ? 0 : err_memory(err);
}

void side_counts_free(struct side_counts *sides)
{
	arena_free(&sides->arena);
	*sides = (struct side_counts){ 0 };
}
