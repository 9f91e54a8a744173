#define _XOPEN_SOURCE 700 /* realpath */
#include "formats/stream/output_place.h"

#include "core/buf.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_MOST = 40 }; /* as the system has it */

/* The folder that it lies in, without links; NULL: there is none.  The caller frees it. */
static char *folder_of(const char *path)
{
	char *copy = strdup(path);
	char *folder = copy ? realpath(dirname(copy), NULL) : NULL;

	free(copy);
	return folder;
}

/* One of ours: its number.  -2: another process's.  -1: none at all. */
static int descriptor_of(const char *path)
{
	char own[32], *folder = folder_of(path);
	const char *name = strrchr(path, '/');
	const size_t size = folder ? strlen(folder) : 0;
	int fd = -1;

	snprintf(own, sizeof own, "/proc/%ld/fd", (long)getpid());
	if (name && folder && strcmp(folder, own) == 0)
		fd = (int)strtol(name + 1, NULL, 10);
	else if (size > 9 && strncmp(folder, "/proc/", 6) == 0 && strcmp(folder + size - 3, "/fd") == 0)
		fd = -2;
	free(folder);
	return fd;
}

/* A link's target as seen from where the link lies.  Frees the link's path. */
static char *behind_link(char *link, const char *target)
{
	struct buf path = { 0 };

	if (*target != '/') {
		buf_append_string(&path, dirname(link));
		buf_append_byte(&path, '/');
	}
	buf_append_string(&path, target);
	buf_append_byte(&path, 0);
	free(link);
	if (path.failed)
		buf_free(&path);
	return (char *)path.data;
}

/* 1: one more link was followed; 0: it is none. */
static int follow(struct output_place *place)
{
	char target[PATH_MAX];

	place->fd = descriptor_of(place->path);
	place->direct = place->fd == -2;
	if (place->fd != -1)
		return 0;
	const ssize_t size = readlink(place->path, target, sizeof target - 1);
	if (size < 0)
		return errno == EINVAL || errno == ENOENT ? 0 : -1;
	target[size] = 0;
	place->path = behind_link(place->path, target);
	return place->path ? 1 : -1;
}

static bool is_same(const struct stat *file, int fd)
{
	struct stat other;

	return fstat(fd, &other) == 0 && other.st_dev == file->st_dev && other.st_ino == file->st_ino;
}

/* The shell has made it, and what else is printed goes there. */
static int printed_to(const char *path)
{
	struct stat status;

	if (stat(path, &status) || !S_ISREG(status.st_mode))
		return -1;
	return is_same(&status, STDOUT_FILENO) ? STDOUT_FILENO : is_same(&status, STDERR_FILENO) ? STDERR_FILENO : -1;
}

int output_place_find(struct output_place *place, const char *path, struct err *err)
{
	int links = 0, state = 1;

	*place = (struct output_place){ .path = strdup(path), .fd = -1 };
	while (place->path && state == 1 && (state = follow(place)) == 1)
		if (++links > LINKS_MOST) {
			errno = ELOOP;
			state = -1;
		}
	if (!place->path)
		return err_memory(err);
	if (state < 0) {
		err_errno(err, "%s", path);
		free(place->path);
		return -1;
	}
	if (place->fd == -1)
		place->fd = printed_to(place->path);
	return 0;
}

/* The folder without links, and the name in it. */
static char *full_path(const char *path)
{
	struct output_place place;
	struct buf full = { 0 };
	struct err unused;

	if (output_place_find(&place, path, &unused))
		return NULL;
	char *folder = folder_of(place.path);
	if (folder) {
		buf_printf(&full, "%s/%s", folder, basename(place.path));
		buf_append_byte(&full, 0);
	}
	free(folder);
	free(place.path);
	return (char *)full.data;
}

bool output_place_same(const char *a, const char *b)
{
	struct stat status;

	if (stat(a, &status) == 0 && !S_ISREG(status.st_mode)) /* a device or pipe takes anything */
		return false;
	char *first = full_path(a), *second = full_path(b);
	const bool same = strcmp(a, b) == 0 || (first && second && strcmp(first, second) == 0);

	free(first);
	free(second);
	return same;
}
