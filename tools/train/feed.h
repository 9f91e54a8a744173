/* Records become batches, in a thread of its own: they keep arriving while the engine works. */
#ifndef TOOLS_FEED_H
#define TOOLS_FEED_H

#include "tools/common/tool.h"
#include "tools/model/checkpoint.h"
#include "train/batch_queue.h"
#include "train/recipe.h"

struct feed {
	struct tool *tool; /* while the thread runs: its stream and its err are the thread's */
	const struct recipe *recipe;
	const struct checkpoint *checkpoint;
	size_t classes;    /* labels are below; where the recipe has labels */
	uint64_t batches;  /* so many are wanted */
	bool to_the_end;   /* then the stream is read on, to its tail */

	struct batch_queue queue;
	pthread_t thread;
	bool started;
	int status;        /* -1: tool->err */
	uint64_t filled, surplus; /* batches; those that came and were not wanted */
	pthread_mutex_t lock; /* messages and the progress line */
};

/* feed's first members are set.  After feed_start feed_stop must be called. */
int feed_start(struct feed *feed, size_t batch, struct err *err);

/* The next batch, borrowed until the next call.  NULL: no more. */
const struct batch *feed_next(struct feed *feed);

/* Nothing more is wanted: waits until the stream was read to its tail, if it is to be.  -1: tool->err; also what went
 * wrong in the thread before.  A second call says the same. */
int feed_stop(struct feed *feed);

#endif
