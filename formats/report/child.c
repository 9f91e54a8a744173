#include "formats/report/child.h"

#include "formats/stream/io.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NO_SUCH_PROGRAM = 127, CHUNK = 64 << 10, LONGEST_OUTPUT = 64 << 20 };

/* Files instead of pipes: neither side ever waits for the other. */
struct child_files {
	FILE *in, *out, *said;
};

static int open_files(struct child_files *files, struct span input, struct err *err)
{
	files->in = tmpfile();
	files->out = tmpfile();
	files->said = tmpfile();
	if (!files->in || !files->out || !files->said)
		return err_errno(err, "a temporary file");
	if (io_write(fileno(files->in), input, span_of(NULL, 0), err))
		return -1;
	return lseek(fileno(files->in), 0, SEEK_SET) < 0 ? err_errno(err, "a temporary file") : 0;
}

static void close_files(struct child_files *files)
{
	FILE *const all[] = { files->in, files->out, files->said };

	for (size_t i = 0; i < 3; i++)
		if (all[i])
			fclose(all[i]);
}

static int read_back(FILE *file, struct buf *text, struct err *err)
{
	off_t offset = 0;

	for (;;) {
		unsigned char *end = buf_reserve(text, CHUNK);
		ssize_t got = end ? io_read_at(fileno(file), end, CHUNK, offset, err) : err_memory(err);
		if (got <= 0)
			return (int)got;
		text->size += (size_t)got;
		offset += got;
		if (offset > LONGEST_OUTPUT)
			return err_set(err, "it wrote more than %d bytes", LONGEST_OUTPUT);
	}
}

static void become(const char *const *arguments, const struct child_files *files)
{
	if (dup2(fileno(files->in), STDIN_FILENO) >= 0 && dup2(fileno(files->out), STDOUT_FILENO) >= 0 &&
		dup2(fileno(files->said), STDERR_FILENO) >= 0)
		execvp(arguments[0], (char *const *)(const void *)arguments);
	_exit(NO_SUCH_PROGRAM);
}

/* The last line that it said. */
static int complain(const char *name, int status, FILE *said, struct err *err)
{
	struct buf text = { 0 };
	struct err unread;

	if (read_back(said, &text, &unread))
		buf_clear(&text);
	while (text.size && text.data[text.size - 1] <= ' ')
		text.size--;
	char *last = strrchr(buf_string(&text), '\n');
	err_set(err, "%s: %s %d: %s", name, WIFSIGNALED(status) ? "signal" : "exit status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), last ? last + 1 : buf_string(&text));
	buf_free(&text);
	return -1;
}

static int run(const char *const *arguments, const struct child_files *files, struct buf *output, struct err *err)
{
	int status = 0;
	const pid_t pid = fork();

	if (pid < 0)
		return err_errno(err, "fork");
	if (pid == 0)
		become(arguments, files);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, "%s", arguments[0]);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_SUCH_PROGRAM)
		return 0;
	if (status)
		return complain(arguments[0], status, files->said, err);
	return read_back(files->out, output, err) ? -1 : 1;
}

int child_run(const char *const *arguments, struct span input, struct buf *output, struct err *err)
{
	struct child_files files = { 0 };
	const int result = open_files(&files, input, err) ? -1 : run(arguments, &files, output, err);

	close_files(&files);
	return result;
}
