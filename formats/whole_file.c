#define _XOPEN_SOURCE 700 /* realpath */
#include "formats/whole_file.h"

#include "core/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST_WRITE = 1 << 30, TRIES = 100 };

/* "folder/.name.PID.N", beside path and so on the same file system. */
static char *temporary_name(const char *path, int n)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	struct buf text = { 0 };

	buf_append(&text, path, (size_t)(name - path));
	buf_printf(&text, ".%.200s.%ld.%d", name, (long)getpid(), n);
	buf_string(&text);
	if (text.failed) {
		buf_free(&text);
		return NULL;
	}
	return (char *)text.data;
}

static int open_temporary(struct whole_file *file, struct err *err)
{
	for (int n = 0; n < TRIES; n++) {
		file->temporary = temporary_name(file->path, n);
		if (!file->temporary)
			return err_memory(err);
		file->fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (file->fd >= 0)
			return 0;
		int why = errno;
		free(file->temporary);
		file->temporary = NULL;
		errno = why;
		if (why != EEXIST)
			break;
	}
	return err_errno(err, "%s: cannot be created", file->path);
}

int whole_file_create(struct whole_file *file, const char *path, struct err *err)
{
	struct stat about;
	bool exists = stat(path, &about) == 0;

	*file = (struct whole_file){ .fd = -1 };
	file->path = exists ? realpath(path, NULL) : strdup(path);
	if (!file->path)
		return err_errno(err, "%s", path);
	if (!exists || S_ISREG(about.st_mode)) {
		if (open_temporary(file, err) == 0)
			return 0;
	} else {
		file->fd = open(file->path, O_WRONLY | O_CLOEXEC);
		if (file->fd >= 0)
			return 0;
		err_errno(err, "%s", path);
	}
	whole_file_abandon(file);
	return -1;
}

int whole_file_write(struct whole_file *file, const void *data, size_t size, struct err *err)
{
	for (const char *rest = data; size;) {
		ssize_t written = write(file->fd, rest, size < LARGEST_WRITE ? size : LARGEST_WRITE);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return err_errno(err, "%s: write", file->path);
		rest += written;
		size -= (size_t)written;
	}
	return 0;
}

/* The name too must survive a crash; a file system that cannot do it is no error. */
static void sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = !slash ? strdup(".") : slash == path ? strdup("/") : span_copy_string(span_of(path, (size_t)(slash - path)));
	int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(folder);
}

int whole_file_finish(struct whole_file *file, struct err *err)
{
	int status = 0;

	if (file->temporary && fsync(file->fd))
		status = err_errno(err, "%s: fsync", file->path);
	if (close(file->fd) && status == 0)
		status = err_errno(err, "%s: close", file->path);
	file->fd = -1;
	if (file->temporary && status == 0 && rename(file->temporary, file->path))
		status = err_errno(err, "%s: rename", file->path);
	if (file->temporary && status == 0) {
		sync_folder(file->path);
		free(file->temporary);
		file->temporary = NULL;
	}
	whole_file_abandon(file);
	return status;
}

void whole_file_abandon(struct whole_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	if (file->temporary)
		unlink(file->temporary);
	free(file->temporary);
	free(file->path);
	*file = (struct whole_file){ .fd = -1 };
}

int whole_file_save(const char *path, const void *data, size_t size, struct err *err)
{
	struct whole_file file;

	if (whole_file_create(&file, path, err))
		return -1;
	if (whole_file_write(&file, data, size, err)) {
		whole_file_abandon(&file);
		return -1;
	}
	return whole_file_finish(&file, err);
}
