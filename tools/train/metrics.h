/* What a step came to, as a JSON line on standard output; and on a terminal how far it is. */
#ifndef TOOLS_METRICS_H
#define TOOLS_METRICS_H

#include "tools/train/feed.h"
#include "tools/train/printed.h"
#include "train/trainer.h"

struct metrics {
	struct feed *feed;
	uint64_t every, steps, batch; /* a line each so many steps, and for the last one */
	uint64_t first; /* steps that an earlier run made */
	double start;   /* seconds_now() */
	struct printed printed; /* by an earlier run */
	struct arena arena;
	struct buf line, spare;
};

/* -v adds the rate: all else is the same each time. */
int metrics_report(struct metrics *metrics, const struct step_report *report, struct err *err);
void metrics_free(struct metrics *metrics);

#endif
