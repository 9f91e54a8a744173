/* What a step came to, as a JSON line on standard output; and on a terminal how far it is. */
#ifndef TOOLS_METRICS_H
#define TOOLS_METRICS_H

#include "tools/train/feed.h"
#include "train/trainer.h"

struct metrics {
	struct feed *feed;
	uint64_t every, steps, batch; /* a line each so many steps, and for the last one */
	uint64_t first; /* steps that an earlier run made */
	double start;   /* seconds_now() */
	struct buf earlier;     /* the end of the file that standard output is appended to */
	struct span unseen;     /* its lines after the last one that this run did not print again */
	struct arena arena;
	struct buf line;
};

/* A resumed run repeats the steps since its last state: lines of these that the file has already are not printed again. */
int metrics_resume(struct metrics *metrics, struct err *err);

/* -v adds the rate: all else is the same each time. */
int metrics_report(struct metrics *metrics, const struct step_report *report, struct err *err);
void metrics_free(struct metrics *metrics);

#endif
