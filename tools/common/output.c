#define _GNU_SOURCE /* O_TMPFILE */
#include "tools/common/output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_special(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/* Readable by others as the umask allows, like any file a shell makes. */
enum { MODE = 0666 };

/* No name until the end: not even SIGKILL leaves something behind.  -1 where the file system cannot. */
static int open_nameless(const char *path)
{
#ifdef O_TMPFILE
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_TMPFILE | O_WRONLY | O_CLOEXEC, MODE) : -1;

	free(copy);
	return fd;
#else
	(void)path;
	return -1;
#endif
}

static int open_temporary(const struct output *output)
{
	return open(output->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, MODE);
}

static char *temporary_name(const char *path)
{
	struct buf name = { 0 };

	buf_printf(&name, "%s.tmp%ld", path, (long)getpid());
	buf_append_byte(&name, 0);
	if (name.failed)
		buf_free(&name);
	return (char *)name.data;
}

int output_open(struct output *output, const char *path, struct err *err)
{
	*output = OUTPUT_CLOSED;
	if (is_special(path)) {
		output->fd = open(path, O_WRONLY | O_CLOEXEC);
		return output->fd < 0 ? err_errno(err, "%s", path) : 0;
	}
	output->path = strdup(path);
	output->temporary = temporary_name(path);
	if (!output->path || !output->temporary) {
		output_discard(output);
		return err_memory(err);
	}
	output->fd = open_nameless(path);
	if (output->fd >= 0) {
		free(output->temporary);
		output->temporary = NULL;
		return 0;
	}
	output->fd = open_temporary(output);
	if (output->fd < 0) {
		err_errno(err, "%s", path);
		output_discard(output);
		return -1;
	}
	return 0;
}

/* A file without a name gets a temporary one: linkat cannot replace what is there, rename can. */
static int give_temporary_name(struct output *output)
{
	char self[64];

	output->temporary = temporary_name(output->path);
	if (!output->temporary)
		return -1;
	snprintf(self, sizeof self, "/proc/self/fd/%d", output->fd);
	unlink(output->temporary);
	return linkat(AT_FDCWD, self, AT_FDCWD, output->temporary, AT_SYMLINK_FOLLOW);
}

int output_commit(struct output *output, struct err *err)
{
	int result = 0;

	if (output->path && ((!output->temporary && give_temporary_name(output)) || fsync(output->fd)))
		result = err_errno(err, "%s", output->path);
	if (close(output->fd) && result == 0)
		result = err_errno(err, "%s", output->path ? output->path : "output");
	output->fd = -1;
	if (result == 0 && output->path && rename(output->temporary, output->path))
		result = err_errno(err, "%s", output->path);
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
	*output = OUTPUT_CLOSED;
}

int output_write(struct output *output, struct span content, struct err *err)
{
	while (content.size) {
		ssize_t written = write(output->fd, content.data, content.size);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return err_errno(err, "%s", output->path ? output->path : "output");
		content.data += written;
		content.size -= (size_t)written;
	}
	return 0;
}

int output_write_file(const char *path, struct span content, struct err *err)
{
	struct output output;

	if (output_open(&output, path, err))
		return -1;
	if (output_write(&output, content, err)) {
		output_discard(&output);
		return -1;
	}
	return output_commit(&output, err);
}
