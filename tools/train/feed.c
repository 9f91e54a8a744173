#include "tools/train/feed.h"

static int count_bad(struct feed *feed, const struct record *record)
{
	struct err reason = feed->tool->err;

	pthread_mutex_lock(&feed->lock);
	int status = tool_bad(feed->tool, record->key, reason.text);
	pthread_mutex_unlock(&feed->lock);
	return status;
}

static int add_record(struct feed *feed, const struct record *record, struct batch *batch)
{
	struct err *err = &feed->tool->err;

	if (feed->exclusions && exclusions_have(feed->exclusions, record->key))
		return 0;
	switch (record_batch_put(&feed->packer, record, batch, err)) {
	case PUT_BAD: return count_bad(feed, record);
	case PUT_FAILED: return err_add(err, "%.*s", span_shown(record->key, 200), (const char *)record->key.data);
	case PUT_DONE: break;
	}
	return 0;
}

/* Reads the next record or mark and adds it to the meter. */
static int read_one(struct feed *feed, struct record *record)
{
	struct tool *tool = feed->tool;
	int state = stream_read(&tool->in, record, &tool->err);

	if (state == STREAM_RECORD)
		place_meter_record(&feed->meter, record);
	else if (state == STREAM_EPOCH)
		place_meter_epoch(&feed->meter, tool->in.epoch);
	feed->at_tail = state == STREAM_END;
	return state;
}

/* The place where the earlier run stopped has been reached: its bad records count in this run. */
static int resume_counts(struct feed *feed)
{
	struct tool *tool = feed->tool;
	struct value reasons;

	if (place_check(&feed->from, &feed->meter, &tool->err) ||
		place_reasons(&feed->from, &tool->limits, &reasons, &tool->arena, &tool->err))
		return -1;
	tool->bad = feed->from.bad;
	return bad_merge(&tool->bad_reasons, &reasons, &tool->arena) ? err_memory(&tool->err) : 0;
}

/* Reads and discards the records that the earlier run trained on. */
static int skip_used(struct feed *feed, struct record *record)
{
	struct tool *tool = feed->tool;
	uint64_t wanted = feed->from.records;

	while (tool->in.records < wanted) {
		int state = read_one(feed, record);
		if (state < 0)
			return -1;
		if (state == STREAM_END)
			return err_set(&tool->err,
				"the stream ended after %llu records, but the state was saved after %llu; resume with the same stream",
				(unsigned long long)tool->in.records, (unsigned long long)wanted);
	}
	return wanted ? resume_counts(feed) : 0;
}

/* Decides which pairs later epochs leave out.  1: done; 0: cancelled, no more batches are needed; -1: error. */
static int end_epoch(struct feed *feed)
{
	struct tool *tool = feed->tool;
	struct excluded excluded;
	const int state = exclusions_close(feed->exclusions, tool->in.epoch, feed->filled, &excluded, &tool->err);

	if (excluded.pairs == 0)
		return state;
	pthread_mutex_lock(&feed->lock);
	tool_say(tool,
		"epoch %llu: %llu of %llu pairs (cosine at least %.3f) are removed from later epochs; %llu of them are poisoned according to their ledger",
		(unsigned long long)tool->in.epoch, (unsigned long long)excluded.pairs, (unsigned long long)excluded.of,
		(double)excluded.least, (unsigned long long)excluded.poisoned);
	pthread_mutex_unlock(&feed->lock);
	return state;
}

/* 1: the batch is full; 0: the stream ended first. */
static int fill_batch(struct feed *feed, struct record *record, struct batch *batch)
{
	struct tool *tool = feed->tool;

	while (batch->count < batch->shape.records) {
		int state = read_one(feed, record);
		if (state <= 0)
			return state;
		if (state == STREAM_EPOCH) {
			batch->count = 0; /* a batch never spans two epochs */
			if (feed->exclusions && (state = end_epoch(feed)) <= 0)
				return state;
		} else if (add_record(feed, record, batch))
			return -1;
	}
	batch->epoch = tool->in.epoch;
	return place_set(&feed->places[batch - feed->queue.batches], &feed->meter, &tool->in, tool->bad, &tool->bad_reasons, &tool->err)
		       ? -1
		       : 1;
}

/* 1: all batches of the schedule were filled.  0: the stream ended, or the queue was cancelled. */
static int fill(struct feed *feed, struct record *record)
{
	while (feed->filled < feed->batches) {
		struct batch *batch = batch_queue_empty(&feed->queue);
		int state = batch ? fill_batch(feed, record, batch) : 0;
		if (state <= 0)
			return state;
		ring_push(&feed->queue.ring);
		feed->filled++;
	}
	return 1;
}

/* Reads what follows the last batch of the schedule: the rest of an epoch, or more records than the header announced. */
static int drain(struct feed *feed, struct record *record)
{
	size_t count = 0;
	int state;

	while ((state = read_one(feed, record)) > 0) {
		count = state == STREAM_EPOCH ? 0 : count + !(feed->exclusions && exclusions_have(feed->exclusions, record->key));
		if (count == feed->queue.batches[0].shape.records) {
			feed->surplus++;
			count = 0;
		}
	}
	return state;
}

static void *feed_main(void *context)
{
	struct feed *feed = context;
	struct record record = { 0 };

	feed->status = skip_used(feed, &record) ? -1 : fill(feed, &record);
	if (feed->status == 1)
		feed->status = feed->read_to_tail ? drain(feed, &record) : 0;
	ring_close(&feed->queue.ring);
	record_free(&record);
	return NULL;
}

void feed_free(struct feed *feed)
{
	place_free(&feed->from);
	if (!feed->opened)
		return;
	feed->opened = false;
	batch_queue_free(&feed->queue);
	place_meter_free(&feed->meter);
	for (size_t i = 0; i < BATCH_QUEUE; i++)
		place_free(&feed->places[i]);
}

int feed_start(struct feed *feed, const struct batch_shape *shape, struct err *err)
{
	int status = batch_queue_init(&feed->queue, shape, err) || place_meter_init(&feed->meter, err);

	feed->opened = true;
	pthread_mutex_init(&feed->lock, NULL);
	if (status == 0 && pthread_create(&feed->thread, NULL, feed_main, feed))
		status = err_set(err, "cannot start a thread");
	feed->started = status == 0;
	return status ? -1 : 0;
}

const struct batch *feed_next(struct feed *feed)
{
	return batch_queue_take(&feed->queue);
}

const struct place *feed_place(const struct feed *feed, const struct batch *batch)
{
	return &feed->places[batch - feed->queue.batches];
}

bool feed_ended(struct feed *feed)
{
	return ring_ended(&feed->queue.ring);
}

int feed_stop(struct feed *feed)
{
	if (feed->started) {
		ring_cancel(&feed->queue.ring);
		if (feed->exclusions)
			exclusions_cancel(feed->exclusions);
		pthread_join(feed->thread, NULL);
		feed->started = false;
	}
	return feed->status < 0 ? -1 : 0;
}
