/* A progress line on standard error: records done, rate, time left.  Shown only to someone watching the end of the pipe: standard error is a
 * terminal and standard output is not a pipe. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *name;
	bool shown;
	uint64_t total; /* records; 0: unknown */
	double start, last; /* seconds: of progress_start, of the last line */
	bool dirty; /* a line is on the screen */
};

void progress_start(struct progress *progress, const char *name, uint64_t total, bool quiet);

/* Redraws the line, at most five times a second.  more: appended ("loss 2.31"), or "". */
void progress_tick(struct progress *progress, uint64_t done, uint64_t bad, const char *more);

/* Erases the line; to be called before anything else is printed on the terminal. */
void progress_clear(struct progress *progress);

/* Seconds on the monotonic clock. */
double seconds_now(void);

#endif
