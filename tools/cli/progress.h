/* One line on standard error that says how far it is; only where a person looks at the end of a pipe: standard error is
 * a terminal and standard output is no pipe. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *name;
	bool shown;
	uint64_t total;    /* 0: unknown */
	double start, last; /* seconds */
	bool dirty;        /* a line is on the screen */
};

void progress_start(struct progress *progress, const char *name, uint64_t total, bool quiet);
/* more: what else is worth knowing ("loss 2.31"), or "". */
void progress_tick(struct progress *progress, uint64_t done, uint64_t bad, const char *more);
void progress_clear(struct progress *progress); /* before anything else is printed */

/* Seconds from some fixed moment. */
double seconds_now(void);

#endif
