#define _GNU_SOURCE /* O_TMPFILE, fallocate, getentropy */
#include "formats/stream/output.h"

#include "formats/stream/io.h"
#include "formats/stream/key_set.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MODE = 0666, LINKS_MOST = 40, DIGITS = 16, TRIES = 100 };
static const char temporary_mark[] = ".tmp-";

static char *folder_of(const char *path)
{
	char *copy = strdup(path), *folder = copy ? strdup(dirname(copy)) : NULL;

	free(copy);
	return folder;
}

/* The target of the link at path, relative to the working directory.  NULL with errno: EINVAL or ENOENT if path is not a link. */
static char *read_link(const char *path)
{
	char target[PATH_MAX], *folder;
	struct buf joined = { 0 };
	const ssize_t size = readlink(path, target, sizeof target - 1);

	if (size < 0 || !(folder = folder_of(path)))
		return NULL;
	target[size] = 0;
	buf_printf(&joined, "%s%s%s", *target == '/' ? "" : folder, *target == '/' ? "" : "/", target);
	buf_append_byte(&joined, 0);
	free(folder);
	if (joined.failed)
		buf_free(&joined);
	return (char *)joined.data;
}

/* The descriptor that a path stands for; -1: none. */
static int descriptor_of(const char *path)
{
	int fd = -1, end = 0;

	if (strcmp(path, "/dev/stdout") == 0 || strcmp(path, "/dev/stderr") == 0)
		return path[8] == 'o' ? STDOUT_FILENO : STDERR_FILENO;
	if (sscanf(path, "/dev/fd/%5d%n", &fd, &end) == 1 || sscanf(path, "/proc/self/fd/%5d%n", &fd, &end) == 1)
		return path[end] ? -1 : fd;
	return -1;
}

/* A regular file that standard output or error goes to must be written through that descriptor. */
static int standard_stream_of(const char *path)
{
	struct stat file, other;

	if (stat(path, &file) || !S_ISREG(file.st_mode))
		return -1;
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (fstat(fd, &other) == 0 && other.st_dev == file.st_dev && other.st_ino == file.st_ino)
			return fd;
	return -1;
}

/* Follows links.  NULL with errno: too many links, no memory, or a path that cannot be searched.  *fd: the descriptor to write to, or -1.
 * The caller frees the path. */
static char *follow_links(const char *given, int *fd)
{
	char *path = strdup(given);

	for (int links = 0; path; links++) {
		*fd = descriptor_of(path);
		if (*fd >= 0)
			return path;
		char *target = links < LINKS_MOST ? read_link(path) : NULL;
		if (!target && links < LINKS_MOST && (errno == EINVAL || errno == ENOENT)) {
			*fd = standard_stream_of(path);
			return path;
		}
		free(path);
		path = target;
		errno = links < LINKS_MOST ? errno : ELOOP;
	}
	return NULL;
}

/* Path of an open file that has no name. */
static const char *nameless_path(int fd, char path[64])
{
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return path;
}

/* Opens a file without a name, which even SIGKILL does not leave behind.  -1 if the file system cannot, or without /proc, which naming it
 * requires. */
static int open_nameless(const char *path)
{
	char *folder = folder_of(path), shown[64];
	const int fd = folder ? open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, MODE) : -1;

	free(folder);
	if (fd < 0 || access(nameless_path(fd, shown), F_OK) == 0)
		return fd;
	close(fd);
	return -1;
}

/* NAME.tmp- and DIGITS zeros, to be replaced; a long name is shortened and hashed. */
static char *temporary_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const size_t size = strlen(name), most = NAME_MAX - strlen(temporary_mark) - DIGITS;
	struct buf temporary = { 0 };

	buf_append(&temporary, path, (size_t)(name - path));
	if (size <= most)
		buf_append_string(&temporary, name);
	else
		buf_printf(&temporary, "%.*s.%016llx", (int)most - 17, name, (unsigned long long)key_hash(span_string(name)));
	buf_printf(&temporary, "%s%0*d", temporary_mark, DIGITS, 0);
	buf_append_byte(&temporary, 0);
	if (temporary.failed)
		buf_free(&temporary);
	return (char *)temporary.data;
}

/* Random digits, so that other users of the folder cannot predict the name and create a link with it. */
static int choose_name(struct output *output)
{
	unsigned long long random;
	char digits[DIGITS + 1];

	if (getentropy(&random, sizeof random))
		return -1;
	snprintf(digits, sizeof digits, "%0*llx", DIGITS, random);
	memcpy(output->temporary + strlen(output->temporary) - DIGITS, digits, DIGITS);
	return 0;
}

static int open_temporary(struct output *output)
{
	int fd = -1;

	for (int i = 0; i < TRIES && fd < 0; i++) {
		if (choose_name(output))
			return -1;
		fd = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE);
		if (fd < 0 && errno != EEXIST)
			return -1;
	}
	output->named = fd >= 0;
	return fd;
}

/* The owner changes only if root runs the program. */
static void copy_owner_and_mode(int fd, const char *path)
{
	struct stat old;

	if (stat(path, &old))
		return;
	const int changed = fchown(fd, old.st_uid, old.st_gid);
	(void)changed;
	fchmod(fd, old.st_mode & 0777);
}

/* A new file next to output->path. */
static int open_new(struct output *output)
{
	output->temporary = temporary_name(output->path);
	if (!output->temporary)
		return -1;
	output->fd = open_nameless(output->path);
	if (output->fd < 0)
		output->fd = open_temporary(output);
	if (output->fd >= 0)
		copy_owner_and_mode(output->fd, output->path);
	return output->fd < 0 ? -1 : 0;
}

/* fd: of follow_links. */
static int open_place(struct output *output, int fd, enum file_kind kind, struct err *err)
{
	struct stat status;

	if (fd < 0 && file_kind_replaces(kind, output->name, err))
		return -1;
	const bool special = stat(output->path, &status) == 0 && !S_ISREG(status.st_mode);
	if (fd < 0 && !special)
		return open_new(output) ? err_errno(err, "%s", output->name) : 0;
	free(output->path);
	output->path = NULL;
	output->fd = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : open(output->name, O_WRONLY | O_CLOEXEC);
	return output->fd < 0 ? err_errno(err, "%s", output->name) : 0;
}

int output_open(struct output *output, const char *path, enum file_kind kind, struct err *err)
{
	int fd = -1;

	*output = (struct output){ .fd = -1, .name = strdup(path) };
	output->path = output->name ? follow_links(path, &fd) : NULL;
	if (!output->path && errno == ENOMEM)
		err_memory(err);
	else if (!output->path)
		err_errno(err, "%s", path);
	else if (open_place(output, fd, kind, err) == 0)
		return 0;
	output_discard(output);
	return -1;
}

int output_reserve(struct output *output, uint64_t bytes, struct err *err)
{
	struct rlimit limit;

	if (!output->path || bytes == 0)
		return 0;
	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && bytes > limit.rlim_cur)
		return err_set(err, "%s: needs %.1f MB, but no file may be larger than %.1f MB (ulimit -f)", output->name,
			(double)bytes / 1e6, (double)limit.rlim_cur / 1e6);
	if (fallocate(output->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes) == 0)
		output->reserved = bytes;
	else if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
		return err_errno(err, "%s: %.1f MB", output->name, (double)bytes / 1e6);
	return 0;
}

int output_write(struct output *output, struct span content, struct err *err)
{
	return io_write(output->fd, content, span_of(NULL, 0), err) ? err_add(err, "%s", output->name) : 0;
}

/* Releases reserved space that was not used. */
static int release_reserved(const struct output *output)
{
	const off_t size = output->reserved ? lseek(output->fd, 0, SEEK_CUR) : 0;

	return size > 0 && (uint64_t)size < output->reserved ? ftruncate(output->fd, size) : 0;
}

static int link_as(const struct output *output, const char *path)
{
	char shown[64];

	return linkat(AT_FDCWD, nameless_path(output->fd, shown), AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

/* Names a nameless file: path if it is free, otherwise the temporary name, since linkat cannot replace a file but rename can. */
static int give_name(struct output *output)
{
	if (output->named || link_as(output, output->path) == 0)
		return 0;
	for (int i = 0; i < TRIES && errno == EEXIST; i++) {
		if (choose_name(output))
			return -1;
		output->named = link_as(output, output->temporary) == 0;
		if (output->named)
			return 0;
	}
	return -1;
}

/* Some file systems cannot flush a folder and need not; a folder that cannot be read is not flushed. */
static int flush_folder(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		slash[1] = 0; /* the path is no longer needed */
	const int fd = open(slash ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int reason = fd >= 0 && fsync(fd) ? errno : 0;
	if (fd >= 0)
		close(fd);
	errno = reason;
	return reason && reason != EINVAL && reason != ENOTSUP && reason != EROFS ? -1 : 0;
}

int output_commit(struct output *output, struct err *err)
{
	int result = 0;

	if (memory_failed()) { /* the content may be incomplete */
		output_discard(output);
		return err_memory(err);
	}
	if (output->path && (release_reserved(output) || fsync(output->fd) || give_name(output)))
		result = err_errno(err, "%s", output->name);
	if (close(output->fd) && result == 0)
		result = err_errno(err, "%s", output->name);
	output->fd = -1;
	if (result == 0 && output->named && rename(output->temporary, output->path))
		result = err_errno(err, "%s", output->name);
	if (result == 0)
		output->named = false;
	if (result == 0 && output->path && flush_folder(output->path))
		result = err_errno(err, "%s: its folder", output->name);
	output_discard(output);
	return result;
}

void output_discard(struct output *output)
{
	if (output->fd >= 0)
		close(output->fd);
	if (output->named)
		unlink(output->temporary);
	free(output->temporary);
	free(output->path);
	free(output->name);
	*output = OUTPUT_CLOSED;
}

int output_write_file(const char *path, enum file_kind kind, struct span content, struct err *err)
{
	struct output output;

	if (output_open(&output, path, kind, err))
		return -1;
	if (output_write(&output, content, err) == 0)
		return output_commit(&output, err);
	output_discard(&output);
	return -1;
}

static bool is_temporary_of(const char *entry, const char *begin)
{
	const size_t size = strlen(begin);

	return strncmp(entry, begin, size) == 0 && strlen(entry) == size + DIGITS && strspn(entry + size, "0123456789abcdef") == DIGITS;
}

void output_clean(const char *path)
{
	char *temporary = temporary_name(path), *name = folder_of(path);
	DIR *folder = temporary && name ? opendir(name) : NULL;
	const char *slash = temporary ? strrchr(temporary, '/') : NULL, *begin = slash ? slash + 1 : temporary;
	const struct dirent *entry;
	struct stat status;

	if (temporary)
		temporary[strlen(temporary) - DIGITS] = 0;
	while (folder && (entry = readdir(folder)))
		if (is_temporary_of(entry->d_name, begin) && fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(status.st_mode) && status.st_uid == geteuid())
			unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
	free(temporary);
	free(name);
}

/* Folder without links, and file name.  The caller frees it. */
static char *absolute_path(const char *given)
{
	int fd;
	char *path = follow_links(given, &fd), *folder = path ? folder_of(path) : NULL;
	char *real = folder ? realpath(folder, NULL) : NULL;
	struct buf full = { 0 };

	if (real) {
		buf_printf(&full, "%s/%s", real, basename(path));
		buf_append_byte(&full, 0);
	}
	free(real);
	free(folder);
	free(path);
	return (char *)full.data;
}

bool output_is_same(const char *a, const char *b)
{
	struct stat status;

	if (stat(a, &status) == 0 && !S_ISREG(status.st_mode)) /* devices and pipes accept several writers */
		return false;
	char *first = absolute_path(a), *second = absolute_path(b);
	const bool same = strcmp(a, b) == 0 || (first && second && strcmp(first, second) == 0);

	free(first);
	free(second);
	return same;
}
