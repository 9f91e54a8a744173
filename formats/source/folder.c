#define _XOPEN_SOURCE 700
#include "formats/source/folder.h"

#include "formats/source/folder_entry.h"
#include "formats/stream/io.h"
#include "formats/tar/member_name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MOST = 64 };

/* One folder: its entries as formats/source/folder_entry.h arranges them. */
struct folder_level {
	struct arena arena;
	struct folder_entry *entries;
	size_t count, capacity, next;
	size_t path_size; /* of the path before its entries' names */
	dev_t device;
	ino_t inode;
};

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

/* status NULL: a link that leads nowhere. */
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
	level->entries[level->count++] = (struct folder_entry){ .name = copy,
		.is_folder = status && S_ISDIR(status->st_mode),
		.broken = !status,
		.size = status ? (uint64_t)status->st_size : 0 };
	return 0;
}

static void free_level(struct folder_level *level)
{
	arena_free(&level->arena);
	free(level->entries);
	*level = (struct folder_level){ 0 };
}

static int read_entries(struct folder_level *level, DIR *dir, struct err *err)
{
	for (;;) {
		struct stat status;
		errno = 0;
		const struct dirent *entry = readdir(dir);
		if (!entry)
			return errno ? err_errno(err, "readdir") : 0;
		if (span_is(span_string(entry->d_name), ".") || span_is(span_string(entry->d_name), "..") ||
			name_part_ignored(span_string(entry->d_name)))
			continue;
		const bool broken = fstatat(dirfd(dir), entry->d_name, &status, 0) != 0; /* the error is told when it is read */
		if (!broken && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
			continue;
		if (add_entry(level, entry->d_name, broken ? NULL : &status))
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
	int state =
		goes_round(folder, &status) ? err_set(err, "%s: leads back to a folder it lies in", path) : read_entries(level, dir, err);
	closedir(dir);
	if (state == 0 && folder_entries_arrange(level->entries, level->count, folder->by_image, &level->arena, err))
		state = err_add(err, "%s", path);
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

int folder_open(struct folder *folder, const char *root, bool by_image, struct err *err)
{
	*folder = (struct folder){ .root = root, .by_image = by_image, .levels = calloc(DEPTH_MOST, sizeof *folder->levels) };
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
	buf_free(&folder->as);
	buf_free(&folder->full);
	folder->levels = NULL;
}

/* Shards among files are not samples. */
static int refuse_tar(struct folder *folder, const struct folder_entry *entry, struct err *err)
{
	if (!name_is_tar(entry->name))
		return 0;
	const char *path = full_path(folder, err);
	return path ? err_set(err, "%s: a tar within a folder of files: name the folder that holds the tars, or the tars", path) : -1;
}

static int take_file(struct folder *folder, const struct folder_level *level, const struct folder_entry *entry, struct err *err)
{
	buf_clear(&folder->as);
	if (entry->as != entry->name) {
		buf_append(&folder->as, folder->path.data, level->path_size);
		buf_append_string(&folder->as, entry->as);
	}
	if (folder->path.failed || folder->as.failed)
		return err_memory(err);
	return refuse_tar(folder, entry, err) ? -1 : 1;
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
			return take_file(folder, level, entry, err);
		buf_append_byte(&folder->path, '/');
		if (enter(folder, err))
			return -1;
	}
	return 0;
}

/* Where names are kept: each path, and after one whose member has another name "/" and that name; each ends in a zero byte. */
static int next_kept(struct folder *folder, struct err *err)
{
	const char *names = (const char *)folder->names->data;
	struct stat status;

	if (folder->place >= folder->place_end)
		return 0;
	buf_clear(&folder->path);
	buf_clear(&folder->as);
	buf_append_string(&folder->path, names + folder->place);
	folder->ordinal = folder->place;
	folder->place += folder->path.size + 1;
	if (folder->place < folder->names->size && names[folder->place] == '/') {
		buf_append_string(&folder->as, names + folder->place + 1);
		folder->place += folder->as.size + 2;
	}
	const char *path = full_path(folder, err);
	if (!path || folder->as.failed)
		return path ? err_memory(err) : -1;
	folder->size = stat(path, &status) ? 0 : (uint64_t)status.st_size; /* the error is told when it is read */
	return 1;
}

static int keep(struct folder *folder, struct err *err)
{
	folder->ordinal = folder->names->size;
	buf_append_span(folder->names, buf_span(&folder->path));
	buf_append_byte(folder->names, 0);
	if (folder->as.size) {
		buf_append_byte(folder->names, '/');
		buf_append_span(folder->names, buf_span(&folder->as));
		buf_append_byte(folder->names, 0);
	}
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
	*name = folder->as.size ? buf_span(&folder->as) : buf_span(&folder->path);
	*offset = folder->ordinal;
	*size = folder->size;
	return state;
}

/* Where the next file's name will be kept, or its number. */
static uint64_t end_of(const struct folder *folder)
{
	return !folder->names ? folder->ordinal + 1 : folder->pieces ? folder->place : folder->names->size;
}

/* A file that cannot be opened costs its sample; that no more files can be open is not its fault. */
static int open_failed(const char *path, struct err *err)
{
	const int why = errno;
	char target[512];
	const ssize_t size = readlink(path, target, sizeof target);

	errno = why;
	err_errno(err, "%s", path);
	if (size > 0 && why == ENOENT)
		err_set(err, "%s: a link to '%.*s', which does not exist", path, (int)size, target);
	return why == EMFILE || why == ENFILE || why == ENOMEM ? -1 : 1;
}

static int feed_read(void *from, struct buf *content, size_t most, uint64_t *end, struct err *err)
{
	struct folder *folder = from;
	const char *path = full_path(folder, err);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	*end = end_of(folder);
	if (fd < 0)
		return path ? open_failed(path, err) : -1;
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
	return (struct member_feed){ feed_next, feed_read, feed_skip, folder };
}
