#include "formats/source/side_count.h"

#include "formats/source/crawl.h"
#include "formats/source/shard_list.h"

#include <stdlib.h>
#include <string.h>

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

/* Reads the folder's sizes.json, unless it is the one at hand. */
static int look_into(struct side_counts *sides, const char *tar, size_t folder_size, struct err *err)
{
	if (sides->folder && strlen(sides->folder) == folder_size && memcmp(sides->folder, tar, folder_size) == 0)
		return 0;
	arena_reset(&sides->arena);
	sides->sizes = value_map();
	sides->folder = arena_string(&sides->arena, tar, folder_size);
	char *path = sides->folder ? joined(&sides->arena, sides->folder, "sizes.json") : NULL;
	return path ? shard_sizes_read(path, &sides->sizes, &sides->arena, err) : err_memory(err);
}

int side_count_find(struct side_counts *sides, const char *tar, uint64_t *records, const char **told_by, struct arena *arena, struct err *err)
{
	const char *slash = strrchr(tar, '/'), *name = slash ? slash + 1 : tar;
	struct arena scratch = { 0 };
	struct crawl_stats stats;
	int64_t count = -1;

	*told_by = NULL;
	int found = crawl_stats_read(tar, &stats, &scratch, err);
	arena_free(&scratch);
	if (found < 0 || (!found && look_into(sides, tar, (size_t)(name - tar), err) < 0))
		return -1;
	count = found ? (int64_t)stats.stored : value_integer_or(value_get(&sides->sizes, name), -1);
	if (count < 0)
		return 0;
	*records = (uint64_t)count;
	*told_by = found ? "its _stats.json" : joined(arena, sides->folder, "sizes.json");
	return *told_by ? 0 : err_memory(err);
}

void side_counts_free(struct side_counts *sides)
{
	arena_free(&sides->arena);
	*sides = (struct side_counts){ 0 };
}
