#define _XOPEN_SOURCE 700
#include "formats/source/shards_below.h"

#include "formats/tar/member_name.h"
#include "formats/tar/sample_name.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH_MOST = 16 };

static int is_wanted(const struct dirent *entry)
{
	const struct span name = span_string(entry->d_name);

	return !span_is(name, ".") && !span_is(name, "..") && !name_part_ignored(name);
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool ends_in_one_of(const char *name, const char *const *ends)
{
	for (; *ends; ends++) {
		const size_t length = strlen(name), wanted = strlen(*ends);
		if (length > wanted && strcmp(name + length - wanted, *ends) == 0)
			return true;
	}
	return false;
}

static const char *path_of(struct buf *path, const char *folder, const char *name)
{
	buf_clear(path);
	buf_append_string(path, folder);
	if (path->size && path->data[path->size - 1] != '/')
		buf_append_byte(path, '/');
	buf_append_string(path, name);
	return buf_string(path);
}

static const char *keep(struct shards_below *below, const char *path)
{
	return arena_string(below->arena, path, strlen(path));
}

static bool is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* -1: no memory. */
static int look_at(struct shards_below *below, const char *folder, const char *path, bool *tars)
{
	static const char *const foreign[] = { ".parquet", ".arrow", ".tfrecord", ".tfrecords", NULL };
	static const char *const texts[] = { ".txt", ".cls", ".npy", NULL };
	size_t ending;

	if (name_is_tar(path)) {
		if (!*tars && below->count++ < 2 && !(below->folders[below->count - 1] = keep(below, folder)))
			return -1;
		*tars = true;
	} else if (name_ends_as_image(span_string(path), &ending)) {
		return (below->image = keep(below, path)) ? 0 : -1;
	} else if (!below->foreign && ends_in_one_of(path, foreign)) {
		return (below->foreign = keep(below, path)) ? 0 : -1;
	}
	below->texts = below->texts || ends_in_one_of(path, texts);
	return 0;
}

static int walk(struct shards_below *below, const char *folder, int depth)
{
	struct dirent **entries = NULL;
	struct buf path = { 0 };
	const int count = depth < DEPTH_MOST ? scandir(folder, &entries, is_wanted, by_bytes) : 0;
	bool tars = false;
	int state = 0;

	for (int pass = 0; pass < 2; pass++) /* a folder's files before its folders */
		for (int i = 0; i < count && state == 0 && !below->image; i++) {
			const char *name = path_of(&path, folder, entries[i]->d_name);
			const bool down = is_folder(name);
			if (path.failed)
				state = -1;
			else if (down == (pass == 1))
				state = down ? walk(below, name, depth + 1) : look_at(below, folder, name, &tars);
		}
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	buf_free(&path);
	return state;
}

int shards_below(struct shards_below *below, const char *folder, struct err *err)
{
	return walk(below, folder, 0) ? err_memory(err) : 0;
}
