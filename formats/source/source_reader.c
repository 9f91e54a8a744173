#define _GNU_SOURCE /* prctl */
#include "formats/source/source_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/wait.h>
#include <unistd.h>

/* Ends the command when the parent dies, even if the parent is killed.  (A process group would also end what the command starts, but
 * then Ctrl-C would not reach it and it could not ask for a password.) */
static void exit_with_parent(pid_t parent)
{
#ifdef PR_SET_PDEATHSIG
	prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
	if (getppid() != parent)
		_exit(127);
}

static void run_shell(const char *text, int out, pid_t parent)
{
	int null = open("/dev/null", O_RDONLY);

	exit_with_parent(parent);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(127);
	execl("/bin/sh", "sh", "-c", text, (char *)NULL);
	_exit(127);
}

/* Runs the command with the shell; its standard input is empty. */
static int command_start(struct command *command, const char *text, struct err *err)
{
	int ends[2];

	*command = (struct command){ .fd = -1 };
	if (pipe(ends))
		return err_errno(err, "pipe");
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC); /* dup2 clears it for the command */
	const pid_t parent = getpid();
	command->pid = fork();
	if (command->pid == 0)
		run_shell(text, ends[1], parent);
	close(ends[1]);
	if (command->pid < 0) {
		command->pid = 0;
		close(ends[0]);
		return err_errno(err, "fork");
	}
	command->fd = ends[0];
	return 0;
}

static int wait_for(struct command *command)
{
	int status = 0;

	close(command->fd);
	while (waitpid(command->pid, &status, 0) < 0 && errno == EINTR)
		;
	*command = (struct command){ .fd = -1 };
	return status;
}

/* Call after all of the output was read.  An exit status other than 0 is an error. */
static int command_finish(struct command *command, struct err *err)
{
	int status = command->pid ? wait_for(command) : 0;

	if (WIFSIGNALED(status))
		return err_set(err, "the command was killed by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status) ? err_set(err, "the command failed with exit status %d", WEXITSTATUS(status)) : 0;
}

/* err says why the output could not be read to its end.  If the command has already failed, its failure is put in front of that. */
static void command_blame(struct command *command, struct err *err)
{
	struct pollfd output = { .fd = command->fd, .events = POLLIN };
	char text[ERR_TEXT];

	if (!command->pid || poll(&output, 1, 0) < 1 || output.revents & POLLIN || !(output.revents & POLLHUP))
		return;
	memcpy(text, err->text, sizeof text);
	if (command_finish(command, err) == 0)
		memcpy(err->text, text, sizeof text);
	else
		err_add(err, "%s", text);
}

/* Ends a command whose remaining output is not needed. */
static void command_stop(struct command *command)
{
	if (!command->pid)
		return;
	kill(command->pid, SIGTERM);
	wait_for(command);
}

static int open_kind(
	struct source_reader *reader, const struct limits *limits, const struct table_options *tables, struct buf *names, struct err *err)
{
	struct member_feed feed;

	switch (reader->source->kind) {
	case SOURCE_TAR:
		reader->samples = &reader->shard.samples;
		if (shard_open(&reader->shard, reader->fd, limits, err))
			return -1;
		reader->samples->by_image = reader->source->by_image;
		return 0;
	case SOURCE_FOLDER:
		if (folder_open(&reader->folder, reader->source->path, reader->source->by_image, err))
			return -1;
		reader->folder.names = names;
		feed = folder_feed(&reader->folder);
		break;
	case SOURCE_TABLE:
		if (table_source_open(&reader->table, reader->fd, reader->source, tables, limits, err))
			return -1;
		feed = table_source_feed(&reader->table);
		break;
	default:
		if (batch_open(&reader->batch, reader->fd, reader->source->path, reader->source->size, err))
			return -1;
		feed = batch_feed(&reader->batch);
	}
	reader->samples = &reader->plain;
	sample_reader_init(&reader->plain, &feed, limits);
	reader->plain.of_folder = reader->source->kind == SOURCE_FOLDER;
	if (reader->plain.of_folder)
		reader->plain.seen = &reader->seen;
	return 0;
}

/* Sets reader->fd: -1 for a folder, which needs none. */
static int open_fd(struct source_reader *reader, struct err *err)
{
	const struct source *source = reader->source;
	const char *command = source_command(source->path);

	reader->fd = -1;
	reader->command = (struct command){ .fd = -1 };
	if (command) {
		if (command_start(&reader->command, command, err))
			return -1;
		reader->fd = reader->command.fd;
	} else if (strcmp(source->path, "-") == 0) {
		reader->fd = STDIN_FILENO;
	} else if (source->kind != SOURCE_FOLDER) {
		reader->fd = open(source->path, O_RDONLY | O_CLOEXEC);
		if (reader->fd < 0)
			return err_errno(err, "open");
	}
	return 0;
}

static const char *shown_path(const struct source *source)
{
	return strcmp(source->path, "-") == 0 ? "standard input" : source->path;
}

int source_failed(struct source_reader *reader, struct err *err)
{
	command_blame(&reader->command, err);
	return err_add(err, "%s", shown_path(reader->source));
}

int source_open(struct source_reader *reader, const struct source *source, const struct limits *limits, const struct table_options *tables,
	struct buf *names, struct err *err)
{
	reader->source = source;
	if (open_fd(reader, err)) {
		reader->source = NULL;
		return err_add(err, "%s", shown_path(source));
	}
	if (open_kind(reader, limits, tables, names, err) == 0)
		return 0;
	source_failed(reader, err);
	source_close(reader);
	return -1;
}

int source_finish(struct source_reader *reader, struct err *err)
{
	if (!reader->command.pid)
		return 0;
	reader->fd = -1;
	return command_finish(&reader->command, err);
}

void source_close(struct source_reader *reader)
{
	if (!reader->source)
		return;
	switch (reader->source->kind) {
	case SOURCE_TAR: shard_close(&reader->shard); break;
	case SOURCE_FOLDER: folder_close(&reader->folder); break;
	case SOURCE_BATCH: batch_close(&reader->batch); break;
	case SOURCE_TABLE: table_source_close(&reader->table);
	}
	if (reader->source->kind != SOURCE_TAR && reader->samples)
		sample_reader_free(&reader->plain);
	key_set_free(&reader->seen);
	if (reader->command.pid)
		command_stop(&reader->command);
	else if (reader->fd >= 0 && reader->fd != STDIN_FILENO)
		close(reader->fd);
	reader->samples = NULL;
	reader->source = NULL;
}

const struct shard_head *source_head(const struct source_reader *reader)
{
	return reader->source->kind == SOURCE_TAR && reader->shard.head.present ? &reader->shard.head : NULL;
}

const struct shard_end *source_end(const struct source_reader *reader)
{
	return reader->source->kind == SOURCE_TAR && reader->shard.end.present ? &reader->shard.end : NULL;
}

bool source_seekable(const struct source_reader *reader)
{
	if (reader->source->kind == SOURCE_TABLE)
		return table_seekable(&reader->table.rows.table);
	if (reader->source->kind != SOURCE_TAR)
		return true;
	return tar_bytes_seekable(&reader->shard.tar.bytes) && !reader->shard.has_rows;
}

bool source_is_cifar(const struct source_reader *reader)
{
	return reader->source->kind == SOURCE_BATCH || (reader->source->kind == SOURCE_TAR && reader->shard.has_rows);
}
