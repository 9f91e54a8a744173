#define _GNU_SOURCE /* prctl */
#include "formats/source/command.h"

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

/* Who is killed cannot stop it.  (A process group of its own would do that for whatever the command starts, but then Ctrl-C would
 * not reach it, nor could it ask for a password.) */
static void end_with(pid_t parent)
{
#ifdef PR_SET_PDEATHSIG
	prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
	if (getppid() != parent)
		_exit(127);
}

static void become(const char *text, int out, pid_t parent)
{
	int nothing = open("/dev/null", O_RDONLY);

	end_with(parent);
	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(127);
	execl("/bin/sh", "sh", "-c", text, (char *)NULL);
	_exit(127);
}

int command_start(struct command *command, const char *text, struct err *err)
{
	int ends[2];

	*command = (struct command){ .fd = -1 };
	if (pipe(ends))
		return err_errno(err, "pipe");
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC); /* not on what dup2 makes */
	const pid_t parent = getpid();
	command->pid = fork();
	if (command->pid == 0)
		become(text, ends[1], parent);
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

int command_finish(struct command *command, struct err *err)
{
	int status = command->pid ? wait_for(command) : 0;

	if (WIFSIGNALED(status))
		return err_set(err, "the command was ended by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status) ? err_set(err, "the command's exit status is %d", WEXITSTATUS(status)) : 0;
}

void command_blame(struct command *command, struct err *err)
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

void command_stop(struct command *command)
{
	if (!command->pid)
		return;
	kill(command->pid, SIGTERM);
	wait_for(command);
}
