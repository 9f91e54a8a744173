#define _GNU_SOURCE /* O_TMPFILE, fallocate, getentropy */
#include "formats/stream/output.h"

#include "formats/stream/io.h"
#include "formats/stream/key_set.h"
#include "formats/stream/output_place.h"

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

static bool is_special(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/* Readable by others as the umask allows, like any file a shell makes. */
enum { MODE = 0666 };

/* Where the system shows a file that has no name. */
struct shown {
	char path[64];
};

static struct shown shown_as(int fd)
{
	struct shown shown;

	snprintf(shown.path, sizeof shown.path, "/proc/self/fd/%d", fd);
	return shown;
}

/* No name until the end: not even SIGKILL leaves something behind.  -1 where the file system cannot, or where it could not get one
 * in the end, for there is no /proc. */
static int open_nameless(const char *path)
{
#ifdef O_TMPFILE
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_TMPFILE | O_WRONLY | O_CLOEXEC, MODE) : -1;

	free(copy);
	if (fd < 0 || access(shown_as(fd).path, F_OK) == 0)
		return fd;
	close(fd);
	return -1;
#else
	(void)path;
	return -1;
#endif
}

enum { DIGITS = 16, TRIES = 100 };
static const char temporary_mark[] = ".tmp-";

/* NAME.tmp- and DIGITS more; of a long name what there is room for, and its hash. */
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

/* Others who may write into the folder cannot foresee the name, and so not put a link there. */
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

	for (int i = 0; i < TRIES; i++) {
		if (choose_name(output))
			return -1;
		fd = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	output->named = fd >= 0;
	return fd;
}

static bool is_temporary_of(const char *entry, const char *begin)
{
	const size_t size = strlen(begin);

	return strncmp(entry, begin, size) == 0 && strlen(entry) == size + DIGITS && strspn(entry + size, "0123456789abcdef") == DIGITS;
}

void output_clean(const char *path)
{
	char *temporary = temporary_name(path), *copy = strdup(path);
	DIR *folder = temporary && copy ? opendir(dirname(copy)) : NULL;
	const char *slash = temporary ? strrchr(temporary, '/') : NULL, *begin = slash ? slash + 1 : temporary;
	const struct dirent *entry;
	struct stat about;

	if (temporary)
		temporary[strlen(temporary) - DIGITS] = 0;
	while (folder && (entry = readdir(folder)))
		if (is_temporary_of(entry->d_name, begin) && fstatat(dirfd(folder), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(about.st_mode) && about.st_uid == geteuid())
			unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
	free(temporary);
	free(copy);
}

/* Whoever could read and write the file that is replaced can do so with this one.  To give it away only root is allowed. */
static void take_after(int fd, const char *path)
{
	struct stat old;

	if (stat(path, &old))
		return;
	const int given = fchown(fd, old.st_uid, old.st_gid);
	(void)given;
	fchmod(fd, old.st_mode & 0777);
}

/* To be flushed when the name is in it; -1 where it may be written to but not read. */
static int open_folder(const char *path)
{
	char *copy = strdup(path);
	int folder = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (!copy)
		memory_set_failed();
	free(copy);
	return folder;
}

static int open_file(struct output *output)
{
	output->fd = open_nameless(output->path);
	if (output->fd < 0)
		output->fd = open_temporary(output);
	if (output->fd < 0)
		return -1;
	output->folder = open_folder(output->path);
	take_after(output->fd, output->path);
	return 0;
}

/* place->path becomes the output's, or is freed. */
static int open_place(struct output *output, struct output_place *place, enum file_kind kind, struct err *err)
{
	int state;

	if (place->fd < 0 && file_kind_replaces(kind, output->name, err)) {
		free(place->path);
		return -1;
	}
	if (place->fd >= 0 || place->direct || is_special(place->path)) {
		output->fd =
			place->fd >= 0 ? fcntl(place->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : open(output->name, O_WRONLY | O_CLOEXEC);
		free(place->path);
		return output->fd < 0 ? err_errno(err, "%s", output->name) : 0;
	}
	output->path = place->path;
	output->temporary = temporary_name(output->path);
	state = output->temporary ? open_file(output) : err_memory(err);
	return state && output->temporary ? err_errno(err, "%s", output->name) : state;
}

int output_open(struct output *output, const char *path, enum file_kind kind, struct err *err)
{
	struct output_place place;

	*output = OUTPUT_CLOSED;
	output->name = strdup(path);
	if (output->name && output_place_find(&place, path, err) == 0 && open_place(output, &place, kind, err) == 0)
		return 0;
	if (!output->name)
		err_memory(err);
	output_discard(output);
	return -1;
}

/* Room without a size: what is written decides that. */
static int take_room(int fd, uint64_t bytes)
{
#ifdef FALLOC_FL_KEEP_SIZE
	return fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes);
#else
	(void)fd;
	(void)bytes;
	return 0;
#endif
}

int output_reserve(struct output *output, uint64_t bytes, struct err *err)
{
	struct rlimit limit;

	if (!output->path || bytes == 0)
		return 0;
	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && bytes > limit.rlim_cur)
		return err_set(err, "%s: needs %.1f MB, but no file may be larger than %.1f MB (ulimit -f)", output->name,
			(double)bytes / 1e6, (double)limit.rlim_cur / 1e6);
	if (take_room(output->fd, bytes) == 0)
		output->reserved = bytes;
	else if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
		return err_errno(err, "%s: %.1f MB", output->name, (double)bytes / 1e6);
	return 0;
}

/* What was taken and not used.  Else it is left alone, with the time at which it was written. */
static int give_back_room(const struct output *output)
{
	off_t size = output->reserved ? lseek(output->fd, 0, SEEK_CUR) : 0;

	return size > 0 && (uint64_t)size < output->reserved ? ftruncate(output->fd, size) : 0;
}

static int link_as(const struct output *output, const char *path)
{
	return linkat(AT_FDCWD, shown_as(output->fd).path, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

/* A file without a name gets its own at once where nothing has it, and else a temporary one: linkat cannot replace what
 * is there, rename can. */
static int give_name(struct output *output)
{
	if (output->named)
		return 0;
	if (link_as(output, output->path) == 0)
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

/* Some file systems cannot flush a folder, and need not. */
static int sync_folder(const struct output *output)
{
	return output->folder >= 0 && fsync(output->folder) && errno != EINVAL && errno != ENOTSUP && errno != EROFS ? -1 : 0;
}

/* It allocates nothing: of several outputs that are ready, no memory keeps back the last. */
int output_commit(struct output *output, struct err *err)
{
	int result = 0;

	if (memory_failed()) { /* what was written may be incomplete */
		output_discard(output);
		return err_memory(err);
	}
	if (output->path && (give_back_room(output) || fsync(output->fd) || give_name(output)))
		result = err_errno(err, "%s", output->name);
	if (close(output->fd) && result == 0)
		result = err_errno(err, "%s", output->name);
	output->fd = -1;
	if (result == 0 && output->named && rename(output->temporary, output->path))
		result = err_errno(err, "%s", output->name);
	if (result == 0)
		output->named = false;
	if (result == 0 && output->path && sync_folder(output))
		result = err_errno(err, "%s: its folder", output->name);
	output_discard(output);
	return result;
}

void output_discard(struct output *output)
{
	if (output->fd >= 0)
		close(output->fd);
	if (output->folder >= 0)
		close(output->folder);
	if (output->named)
		unlink(output->temporary);
	free(output->temporary);
	free(output->path);
	free(output->name);
	*output = OUTPUT_CLOSED;
}

int output_write(struct output *output, struct span content, struct err *err)
{
	return io_write(output->fd, content, span_of(NULL, 0), err) ? err_add(err, "%s", output->name) : 0;
}

int output_write_file(const char *path, enum file_kind kind, struct span content, struct err *err)
{
	struct output output;

	if (output_open(&output, path, kind, err))
		return -1;
	if (output_write(&output, content, err)) {
		output_discard(&output);
		return -1;
	}
	return output_commit(&output, err);
}
