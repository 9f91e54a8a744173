/* Prints a step's metrics as a JSON line on standard output, and the progress on a terminal. */
#ifndef TOOLS_METRICS_H
#define TOOLS_METRICS_H

#include "tools/train/feed.h"
#include "train/trainer.h"

struct metrics {
	struct feed *feed;
	uint64_t every, steps, batch; /* a line every `every` steps and after the last */
	uint64_t first; /* steps made before this run was resumed */
	double start;   /* seconds_now() */
	struct buf earlier;     /* the end of the file that standard output is appended to */
	struct span unseen;     /* the lines of it that have not been matched yet */
	struct arena arena;
	struct buf line;
};

/* A resumed run repeats the steps since its last state.  If standard output is a file, reads its end, so that lines it already
 * contains are not printed again. */
int metrics_resume(struct metrics *metrics, struct err *err);

/* -v adds records_per_second, the only value that differs between runs. */
int metrics_report(struct metrics *metrics, const struct step_report *report, struct err *err);
void metrics_free(struct metrics *metrics);

#endif
