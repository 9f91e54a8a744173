#define _GNU_SOURCE /* O_TMPFILE, fallocate */
#include "tools/common/output.h"

#include "formats/io.h"
#include "formats/key_set.h"
#include "tools/common/output_place.h"

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

static int open_temporary(const struct output *output)
{
	return open(output->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, MODE);
}

/* NAME.tmp; of a long name what there is room for, and its hash. */
static void append_temporary(struct buf *path, const char *name, const char *end)
{
	char short_name[NAME_MAX + 1];
	const size_t size = strlen(name), most = NAME_MAX - strlen(end);

	if (size <= most) {
		buf_append_string(path, name);
	} else {
		snprintf(short_name, sizeof short_name, "%.*s.%016llx", (int)most - 17, name, (unsigned long long)key_hash(span_string(name)));
		buf_append_string(path, short_name);
	}
	buf_append_string(path, end);
	buf_append_byte(path, 0);
}

static char *temporary_name(const char *path, bool alone)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	struct buf temporary = { 0 };
	char end[32] = ".tmp";

	if (!alone)
		snprintf(end, sizeof end, ".tmp%ld", (long)getpid());
	buf_append(&temporary, path, (size_t)(name - path));
	append_temporary(&temporary, name, end);
	if (temporary.failed)
		buf_free(&temporary);
	return (char *)temporary.data;
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

static int open_file(struct output *output)
{
	output->fd = open_nameless(output->path);
	if (output->fd >= 0) {
		free(output->temporary);
		output->temporary = NULL;
	} else {
		output->fd = open_temporary(output);
	}
	if (output->fd < 0)
		return -1;
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
		output->fd = place->fd >= 0 ? fcntl(place->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : open(output->name, O_WRONLY | O_CLOEXEC);
		free(place->path);
		return output->fd < 0 ? err_errno(err, "%s", output->name) : 0;
	}
	output->path = place->path;
	output->temporary = temporary_name(output->path, output->alone);
	state = output->temporary ? open_file(output) : err_memory(err);
	return state && output->temporary ? err_errno(err, "%s", output->name) : state;
}

static int open_as(struct output *output, const char *path, enum file_kind kind, bool alone, struct err *err)
{
	struct output_place place;

	*output = OUTPUT_CLOSED;
	output->alone = alone;
	output->name = strdup(path);
	if (output->name && output_place_find(&place, path, err) == 0 && open_place(output, &place, kind, err) == 0)
		return 0;
	if (!output->name)
		err_memory(err);
	output_discard(output);
	return -1;
}

int output_open(struct output *output, const char *path, enum file_kind kind, struct err *err)
{
	return open_as(output, path, kind, false, err);
}

int output_open_alone(struct output *output, const char *path, enum file_kind kind, struct err *err)
{
	return open_as(output, path, kind, true, err);
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
	if (output->temporary)
		return 0;
	if (link_as(output, output->path) == 0)
		return 0;
	if (errno != EEXIST)
		return -1;
	output->temporary = temporary_name(output->path, output->alone);
	if (!output->temporary)
		return -1;
	unlink(output->temporary);
	return link_as(output, output->temporary);
}

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
	if (result == 0 && output->temporary && rename(output->temporary, output->path))
		result = err_errno(err, "%s", output->name);
	if (result == 0) {
		free(output->temporary);
		output->temporary = NULL;
	}
	output_discard(output);
	return result;
}

void output_discard(struct output *output)
{
	if (output->fd >= 0)
		close(output->fd);
	if (output->temporary)
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
