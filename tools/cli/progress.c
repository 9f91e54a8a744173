#include "tools/cli/progress.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const double interval = .2; /* seconds between two lines */

/* Before that many seconds and records the time left is a guess and is not shown. */
static const double estimate_after = 2;
enum { ESTIMATE_RECORDS = 5 };

double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool stdout_is_pipe(void)
{
	struct stat status;

	return fstat(STDOUT_FILENO, &status) == 0 && S_ISFIFO(status.st_mode);
}

void progress_start(struct progress *progress, const char *name, uint64_t total, bool quiet)
{
	*progress = (struct progress){ .name = name, .total = total, .start = seconds_now() };
	progress->last = progress->start;
	progress->shown = !quiet && isatty(STDERR_FILENO) && !stdout_is_pipe();
}

static void print_time_left(double seconds)
{
	long left = (long)(seconds + .5);

	fprintf(stderr, ", %ld:%02ld left", left / 60, left % 60);
}

void progress_tick(struct progress *progress, uint64_t done, uint64_t bad, const char *more)
{
	if (!progress->shown)
		return;
	double now = seconds_now();
	if (now - progress->last < interval)
		return;
	double rate = (double)done / (now - progress->start);
	progress->last = now;
	progress->dirty = true;
	fprintf(stderr, "\r\033[K%s: %llu", progress->name, (unsigned long long)done);
	if (progress->total && progress->total >= done) /* the header may announce too few */
		fprintf(stderr, " of %llu", (unsigned long long)progress->total);
	fprintf(stderr, ", %.*f/s", rate < 10 ? 1 : 0, rate);
	if (progress->total > done && done >= ESTIMATE_RECORDS && now - progress->start >= estimate_after)
		print_time_left((double)(progress->total - done) / rate);
	if (bad)
		fprintf(stderr, ", %llu bad", (unsigned long long)bad);
	if (*more)
		fprintf(stderr, ", %s", more);
	fflush(stderr);
}

void progress_clear(struct progress *progress)
{
	if (progress->dirty)
		fprintf(stderr, "\r\033[K");
	progress->dirty = false;
}
