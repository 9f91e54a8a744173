/* Packs the records of the stream into batches in a thread of its own, while the trainer computes. */
#ifndef TOOLS_FEED_H
#define TOOLS_FEED_H

#include "formats/training/place.h"
#include "tools/cli/tool.h"
#include "formats/training/record_batch.h"
#include "formats/training/exclusions.h"
#include "train/batch.h"

struct feed {
	struct tool *tool; /* while the thread runs, only it may use the tool's stream and err */
	struct record_batch packer; /* how a record becomes a row of a batch */
	struct exclusions *exclusions; /* NULL: no pairs are removed */
	struct place from; /* a resumed run skips the records up to there; `filled` batches were made from them */
	uint64_t batches;  /* of the schedule, those of the earlier run included */
	bool read_to_tail; /* after the last batch read the rest of the stream */

	struct batch_queue queue;
	struct place_meter meter;
	struct place places[BATCH_QUEUE]; /* of the stream, when the batch was full */
	pthread_t thread;
	bool opened, started;
	int status;        /* -1: tool->err */
	bool at_tail;      /* the whole stream has been read */
	uint64_t filled, surplus; /* batches; batches beyond the schedule, not used */
	pthread_mutex_t lock; /* for messages and the progress line */
};

/* The members up to read_to_tail are set by the caller, who calls feed_stop and feed_free, also after an error. */
int feed_start(struct feed *feed, const struct batch_shape *shape, struct err *err);

/* The next batch, borrowed until the next call.  NULL: no more batches (then feed_ended is true), or woken by ring_wake. */
const struct batch *feed_next(struct feed *feed);
bool feed_ended(struct feed *feed);

/* Place in the stream after the batch's last record.  Borrowed until the batch is. */
const struct place *feed_place(const struct feed *feed, const struct batch *batch);

/* Stops the thread.  -1: the thread failed, at any time; see tool->err.  May be called again, with the same result. */
int feed_stop(struct feed *feed);
void feed_free(struct feed *feed);

#endif
