#define _XOPEN_SOURCE 700
#include "formats/source/folder.h"

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

/* One folder and its entries, as arranged by folder_entries_arrange. */
struct folder_level {
	struct arena arena;
	struct folder_entry *entries;
	size_t count, capacity, next;
	size_t path_size; /* bytes of the path up to the entries' names */
	dev_t device;
	ino_t inode;
};

/* The path of the current file including the root.  Borrowed until the next call; NULL: out of memory. */
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

/* status NULL: a broken link. */
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
		.unreadable = !status,
		.special = status && !S_ISDIR(status->st_mode) && !S_ISREG(status->st_mode),
		.size = status && S_ISREG(status->st_mode) ? (uint64_t)status->st_size : 0 };
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
		const bool broken = fstatat(dirfd(dir), entry->d_name, &status, 0) != 0; /* reading it reports the error */
		if (add_entry(level, entry->d_name, broken ? NULL : &status))
			return err_memory(err);
	}
}

static bool is_link_loop(const struct folder *folder, const struct stat *status)
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
	int state = is_link_loop(folder, &status) ? err_set(err, "%s: links to a folder that contains it", path)
						  : read_entries(level, dir, err);
	closedir(dir);
	if (state == 0 && folder_entries_arrange(level->entries, level->count, folder->by_image, &level->arena, err))
		state = err_add(err, "%s", path);
	return state;
}

/* Opens the folder at folder->path. */
static int enter(struct folder *folder, struct err *err)
{
	struct folder_level *level = &folder->levels[folder->depth];
	const char *path = full_path(folder, err);

	if (folder->depth == DEPTH_MOST)
		return err_set(err, "%s: folders are nested more than %d deep", folder->root, DEPTH_MOST);
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
	buf_free(&folder->member);
	buf_free(&folder->full);
	folder->levels = NULL;
}

static int refuse_tar(struct folder *folder, const struct folder_entry *entry, struct err *err)
{
	if (!name_is_tar(entry->name))
		return 0;
	const char *path = full_path(folder, err);
	return path ? err_set(err, "%s: a tar in a folder of other files; name the tar, or the folder that contains the tars", path) : -1;
}

static int take_file(struct folder *folder, const struct folder_level *level, const struct folder_entry *entry, struct err *err)
{
	buf_clear(&folder->member);
	if (entry->member != entry->name) {
		buf_append(&folder->member, folder->path.data, level->path_size);
		buf_append_string(&folder->member, entry->member);
	}
	if (folder->path.failed || folder->member.failed)
		return err_memory(err);
	return refuse_tar(folder, entry, err) ? -1 : 1;
}

/* 1: path is the next file; 0: there are no more. */
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
		folder->special = entry->special;
		if (!entry->is_folder)
			return take_file(folder, level, entry, err);
		buf_append_byte(&folder->path, '/');
		if (enter(folder, err))
			return -1;
	}
	return 0;
}

/* Recorded names: each path, followed by "/" and the member's name if that differs; each ends in a NUL. */
static int next_recorded(struct folder *folder, struct err *err)
{
	const char *names = (const char *)folder->names->data;
	struct stat status;

	if (folder->place >= folder->place_end)
		return 0;
	buf_clear(&folder->path);
	buf_clear(&folder->member);
	buf_append_string(&folder->path, names + folder->place);
	folder->ordinal = folder->place;
	folder->place += folder->path.size + 1;
	if (folder->place < folder->names->size && names[folder->place] == '/') {
		buf_append_string(&folder->member, names + folder->place + 1);
		folder->place += folder->member.size + 2;
	}
	const char *path = full_path(folder, err);
	if (!path || folder->member.failed)
		return path ? err_memory(err) : -1;
	const bool found = stat(path, &status) == 0; /* otherwise reading the file reports the error */
	folder->special = found && !S_ISREG(status.st_mode);
	folder->size = found ? (uint64_t)status.st_size : 0;
	return 1;
}

static int record_path(struct folder *folder, struct err *err)
{
	folder->ordinal = folder->names->size;
	buf_append_span(folder->names, buf_span(&folder->path));
	buf_append_byte(folder->names, 0);
	if (folder->member.size) {
		buf_append_byte(folder->names, '/');
		buf_append_span(folder->names, buf_span(&folder->member));
		buf_append_byte(folder->names, 0);
	}
	return folder->names->failed ? err_memory(err) : 1;
}

static int feed_next(void *from, struct span *name, uint64_t *offset, uint64_t *size, struct err *err)
{
	struct folder *folder = from;
	int state = folder->pieces ? next_recorded(folder, err) : walk(folder, err);

	if (state == 1 && !folder->pieces) {
		folder->ordinal++;
		state = folder->names ? record_path(folder, err) : 1;
	}
	*name = folder->member.size ? buf_span(&folder->member) : buf_span(&folder->path);
	*offset = folder->ordinal;
	*size = folder->size;
	return state;
}

/* Where the name of the next file will be recorded, or its ordinal. */
static uint64_t end_of(const struct folder *folder)
{
	return !folder->names ? folder->ordinal + 1 : folder->pieces ? folder->place : folder->names->size;
}

/* 1: the sample is bad; -1: the process is out of file descriptors or memory, which is not the file's fault. */
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

	*end = end_of(folder);
	if (path && folder->special) {
		err_set(err, "%s: a FIFO, socket or device; samples must be regular files", path);
		return 1;
	}
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
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
