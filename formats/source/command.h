/* A source that is a command: what it writes to its standard output. */
#ifndef SOURCE_COMMAND_H
#define SOURCE_COMMAND_H

#include "core/err.h"

#include <sys/types.h>

struct command {
	pid_t pid; /* 0: none */
	int fd;    /* its output */
};

/* Runs it by the shell; its standard input is empty. */
int command_start(struct command *command, const char *text, struct err *err);

/* All of its output was read: an exit status other than 0 is an error. */
int command_finish(struct command *command, struct err *err);

/* What it wrote could not be read to the end, for a reason that err tells: where it has ended, and badly, that is put behind it. */
void command_blame(struct command *command, struct err *err);

/* No more of it is wanted. */
void command_stop(struct command *command);

#endif
