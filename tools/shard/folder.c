#define _XOPEN_SOURCE 700
#include "tools/shard/folder.h"

#include "formats/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MOST = 64 };

/* One folder: its entries sorted, its files first. */
struct folder_level {
	struct arena arena;
	struct folder_entry {
		const char *name;
		bool is_folder;
		uint64_t size;
	} *entries;
	size_t count, capacity, next;
	size_t path_size; /* of the path before its entries' names */
	dev_t device;
	ino_t inode;
};

static int compare(const void *a, const void *b)
{
	const struct folder_entry *first = a, *second = b;

	if (first->is_folder != second->is_folder)
		return first->is_folder - second->is_folder;
	return strcmp(first->name, second->name);
}

/* Of what folder->path names.  Borrowed until the next call; NULL: no memory. */
static const char *full_path(struct folder *folder, struct err *err)
{
	buf_clear(&folder->full);
	buf_append_string(&folder->full, folder->root);
	buf_append_byte(&folder->full, '/');
	buf_append_span(&folder->full, buf_span(&folder->path));
	const char *path = buf_string(&folder->full);
	if (folder->full.failed) {
		err_memory(err);
		return NULL;
	}
	return path;
}

static int add_entry(struct folder_level *level, const char *name, const struct stat *status)
{
	if (level->count == level->capacity) {
		size_t capacity = level->capacity ? 2 * level->capacity : 64;
		struct folder_entry *entries = realloc(level->entries, capacity * sizeof *entries);
		if (!entries)
			return -1;
		level->entries = entries;
		level->capacity = capacity;
	}
	char *copy = arena_string(&level->arena, name, strlen(name));
	if (!copy)
		return -1;
	level->entries[level->count++] = (struct folder_entry){ copy, S_ISDIR(status->st_mode), (uint64_t)status->st_size };
	return 0;
}

static void free_level(struct folder_level *level)
{
	arena_free(&level->arena);
	free(level->entries);
	*level = (struct folder_level){ 0 };
}

/* Hidden names are nobody's data. */
static int read_entries(struct folder_level *level, DIR *dir, struct err *err)
{
	for (;;) {
		struct stat status;
		errno = 0;
		const struct dirent *entry = readdir(dir);
		if (!entry)
			return errno ? err_errno(err, "readdir") : 0;
		if (entry->d_name[0] == '.')
			continue;
		if (fstatat(dirfd(dir), entry->d_name, &status, 0))
			return err_errno(err, "%s", entry->d_name);
		if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
			continue;
		if (add_entry(level, entry->d_name, &status))
			return err_memory(err);
	}
}

static bool goes_round(const struct folder *folder, const struct stat *status)
{
	for (size_t i = 0; i < folder->depth; i++)
		if (folder->levels[i].device == status->st_dev && folder->levels[i].inode == status->st_ino)
			return true;
	return false;
}

static int list_folder(struct folder *folder, struct folder_level *level, const char *path, struct err *err)
{
	struct stat status;
	DIR *dir = opendir(path);

	if (!dir || fstat(dirfd(dir), &status)) {
		err_errno(err, "%s", path);
		if (dir)
			closedir(dir);
		return -1;
	}
	*level = (struct folder_level){ .device = status.st_dev, .inode = status.st_ino, .path_size = folder->path.size };
	int state = goes_round(folder, &status) ? err_set(err, "%s: leads back to a folder it lies in", path)
						: read_entries(level, dir, err);
	closedir(dir);
	if (level->count)
		qsort(level->entries, level->count, sizeof *level->entries, compare);
	return state;
}

/* Goes down into the folder whose name ends the path. */
static int enter(struct folder *folder, struct err *err)
{
	struct folder_level *level = &folder->levels[folder->depth];
	const char *path = full_path(folder, err);

	if (folder->depth == DEPTH_MOST)
		return err_set(err, "%s: folders nested deeper than %d", folder->root, DEPTH_MOST);
	int state = path ? list_folder(folder, level, path, err) : -1;
	folder->depth++;
	return state;
}

int folder_open(struct folder *folder, const char *root, struct err *err)
{
	*folder = (struct folder){ .root = root, .levels = calloc(DEPTH_MOST, sizeof *folder->levels) };
	return folder->levels ? enter(folder, err) : err_memory(err);
}

void folder_piece(struct folder *folder, const char *root, struct buf *names, uint64_t offset, uint64_t end)
{
	folder->root = root;
	folder->names = names;
	folder->pieces = true;
	folder->place = offset;
	folder->place_end = end;
}

void folder_close(struct folder *folder)
{
	while (folder->depth)
		free_level(&folder->levels[--folder->depth]);
	free(folder->levels);
	buf_free(&folder->path);
	buf_free(&folder->full);
	folder->levels = NULL;
}

/* 1: path is the next file, 0: there is none. */
static int walk(struct folder *folder, struct err *err)
{
	while (folder->depth) {
		struct folder_level *level = &folder->levels[folder->depth - 1];
		if (level->next == level->count) {
			free_level(level);
			folder->depth--;
			continue;
		}
		const struct folder_entry *entry = &level->entries[level->next++];
		folder->path.size = level->path_size;
		buf_append_string(&folder->path, entry->name);
		folder->size = entry->size;
		if (!entry->is_folder)
			return folder->path.failed ? err_memory(err) : 1;
		buf_append_byte(&folder->path, '/');
		if (enter(folder, err))
			return -1;
	}
	return 0;
}

static int next_kept(struct folder *folder, struct err *err)
{
	struct stat status;

	if (folder->place >= folder->place_end)
		return 0;
	buf_clear(&folder->path);
	buf_append_string(&folder->path, (const char *)folder->names->data + folder->place);
	folder->ordinal = folder->place;
	folder->place += folder->path.size + 1;
	const char *path = full_path(folder, err);
	if (!path)
		return -1;
	if (stat(path, &status))
		return err_errno(err, "%s", path);
	folder->size = (uint64_t)status.st_size;
	return 1;
}

static int keep(struct folder *folder, struct err *err)
{
	folder->ordinal = folder->names->size;
	buf_append_span(folder->names, buf_span(&folder->path));
	buf_append_byte(folder->names, 0);
	return folder->names->failed ? err_memory(err) : 1;
}

static int feed_next(void *from, struct span *name, uint64_t *offset, uint64_t *size, struct err *err)
{
	struct folder *folder = from;
	int state = folder->pieces ? next_kept(folder, err) : walk(folder, err);

	if (state == 1 && !folder->pieces) {
		folder->ordinal++;
		state = folder->names ? keep(folder, err) : 1;
	}
	*name = buf_span(&folder->path);
	*offset = folder->ordinal;
	*size = folder->size;
	return state;
}

static uint64_t end_of(const struct folder *folder)
{
	return folder->names ? folder->ordinal + folder->path.size + 1 : folder->ordinal + 1;
}

static int feed_read(void *from, struct buf *content, size_t most, uint64_t *end, struct err *err)
{
	struct folder *folder = from;
	const char *path = full_path(folder, err);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	*end = end_of(folder);
	if (fd < 0)
		return path ? err_errno(err, "%s", path) : -1;
	int state = io_read_all(fd, (size_t)folder->size, content, most, err);
	close(fd);
	return state ? err_add(err, "%s", path) : 0;
}

static int feed_skip(void *from, uint64_t *end, struct err *err)
{
	(void)err;
	*end = end_of(from);
	return 0;
}

struct member_feed folder_feed(struct folder *folder)
{
	return (struct member_feed){ feed_next, feed_read, feed_skip, NULL, folder };
}
