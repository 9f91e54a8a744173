/* Records become batches, in a thread of its own: they keep arriving while the engine works. */
#ifndef TOOLS_FEED_H
#define TOOLS_FEED_H

#include "formats/training/place.h"
#include "tools/cli/tool.h"
#include "formats/training/record_batch.h"
#include "formats/training/exclusions.h"
#include "train/batch.h"

struct feed {
	struct tool *tool; /* while the thread runs: its stream and its err are the thread's */
	struct record_batch how;
	struct exclusions *exclusions; /* NULL: no pairs are left out */
	struct place from; /* records up to there are thrown away, and `filled` is what came of them */
	uint64_t batches;  /* so many are wanted, with those */
	bool to_the_end;   /* then the stream is read on, to its tail */

	struct batch_queue queue;
	struct place_meter meter;
	struct place places[BATCH_QUEUE]; /* where each batch of the queue ended */
	pthread_t thread;
	bool opened, started;
	int status;        /* -1: tool->err */
	bool at_tail;      /* the stream was read to its end */
	uint64_t filled, surplus; /* batches; those that came and were not wanted */
	pthread_mutex_t lock; /* messages and the progress line */
};

/* feed's first members are set.  The caller ends it with feed_stop and feed_free, also after an error. */
int feed_start(struct feed *feed, const struct batch_shape *shape, struct err *err);

/* The next batch, borrowed until the next call.  NULL: no more will come, and the stream was read to its tail where it is
 * to be (then feed_ended); or woken, by ring_wake of its queue. */
const struct batch *feed_next(struct feed *feed);
bool feed_ended(struct feed *feed);

/* Where the stream was when this batch was full.  Borrowed like the batch. */
const struct place *feed_place(const struct feed *feed, const struct batch *batch);

/* Nothing more is wanted.  -1: tool->err; also what went wrong in the thread before.  A second call says the same. */
int feed_stop(struct feed *feed);
void feed_free(struct feed *feed);

#endif
