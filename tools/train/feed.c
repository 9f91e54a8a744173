#include "tools/train/feed.h"

#include <string.h>

enum put { PUT_DONE, PUT_BAD, PUT_FAILED };

/* An image of the wrong size is no accident of one record. */
static enum put wrong_size(const struct feed *feed, const char *name, const struct field_tensor *tensor, struct err *err)
{
	size_t size = feed->checkpoint->clip->config.vision.image_size;

	err_set(err, "%s is %zux%zu, but the model takes %zux%zu: put `cc-augment --size %zu` before this", name,
		tensor->shape[1], tensor->shape[0], size, size, size);
	return PUT_FAILED;
}

static enum put put_image(const struct feed *feed, const struct record *record, struct batch *batch, size_t view,
	struct err *err)
{
	const char *name = view ? "aug.rgb.npy" : "rgb.npy";
	size_t size = batch->shape.image_size;
	const struct field *field = record_tensor(record, name, "|u1", 3, err);

	if (!field) {
		struct err why = *err;
		err_set(err, "%s (`cc-augment %s` makes it)", why.text, view ? "--image POLICY" : "--size N");
		return PUT_BAD;
	}
	if (field->tensor.shape[0] != size || field->tensor.shape[1] != size || field->tensor.shape[2] != 3)
		return wrong_size(feed, name, &field->tensor, err);
	memcpy(batch_pixels(batch, view), field->bytes.data, field->bytes.size);
	return PUT_DONE;
}

static enum put put_text(const struct feed *feed, const struct record *record, struct batch *batch, size_t view,
	struct err *err)
{
	const struct field *augmented = view ? record_find(record, "aug.txt") : NULL;
	struct span text;

	if (view && !augmented) {
		err_set(err, "no aug.txt (`cc-augment --text POLICY` makes it)");
		return PUT_BAD;
	}
	if (view)
		text = augmented->bytes;
	else if (record_text(record, &text, err))
		return PUT_BAD;
	return bpe_encode(&feed->checkpoint->bpe, text, batch_ids(batch, view), batch->shape.context, batch_length(batch, view),
		err) ? PUT_BAD : PUT_DONE;
}

static enum put put_label(const struct feed *feed, const struct record *record, struct batch *batch, struct err *err)
{
	const struct field *field = record_find(record, "cls");

	if (!field || field->kind != FIELD_INTEGER) {
		err_set(err, "no cls");
		return PUT_BAD;
	}
	if (field->integer < 0 || (uint64_t)field->integer >= feed->classes) {
		err_set(err, "cls is %lld, but there are %zu classes", (long long)field->integer, feed->classes);
		return PUT_BAD;
	}
	batch->labels[batch->count] = (int32_t)field->integer;
	return PUT_DONE;
}

static enum put put_record(const struct feed *feed, const struct record *record, struct batch *batch, struct err *err)
{
	enum put put = PUT_DONE;

	for (size_t view = 0; view < feed->recipe->views && put == PUT_DONE; view++) {
		put = put_image(feed, record, batch, view, err);
		if (put == PUT_DONE && feed->recipe->texts)
			put = put_text(feed, record, batch, view, err);
	}
	if (put == PUT_DONE && feed->recipe->labels)
		put = put_label(feed, record, batch, err);
	batch->count += put == PUT_DONE;
	return put;
}

static int bad(struct feed *feed, const struct record *record)
{
	struct err reason = feed->tool->err;

	pthread_mutex_lock(&feed->lock);
	int status = tool_bad(feed->tool, record->key, reason.text);
	pthread_mutex_unlock(&feed->lock);
	return status;
}

static int take(struct feed *feed, const struct record *record, struct batch *batch)
{
	struct err *err = &feed->tool->err;

	switch (put_record(feed, record, batch, err)) {
	case PUT_BAD:
		return bad(feed, record);
	case PUT_FAILED:
		return err_add(err, "%.*s", record->key.size < 200 ? (int)record->key.size : 200, (const char *)record->key.data);
	case PUT_DONE:
		break;
	}
	return 0;
}

/* 1: the batch is full, 0: the stream ended before. */
static int fill_batch(struct feed *feed, struct record *record, struct batch *batch)
{
	struct tool *tool = feed->tool;

	while (batch->count < batch->shape.records) {
		int state = stream_read(&tool->in, record, &tool->err);
		if (state <= 0)
			return state;
		if (state == STREAM_EPOCH)
			batch->count = 0; /* a batch never crosses an epoch mark */
		else if (take(feed, record, batch))
			return -1;
	}
	batch->epoch = tool->in.epoch;
	return 1;
}

/* 1: all batches that are wanted were filled.  0: the stream ended, or nobody takes them any more. */
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

/* What comes behind the schedule: the last part of an epoch, or more than the header had promised. */
static int drain(struct feed *feed, struct record *record)
{
	struct tool *tool = feed->tool;
	size_t count = 0;
	int state;

	while ((state = stream_read(&tool->in, record, &tool->err)) > 0) {
		count = state == STREAM_EPOCH ? 0 : count + 1;
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

	feed->status = fill(feed, &record);
	ring_close(&feed->queue.ring);
	if (feed->status == 1)
		feed->status = feed->to_the_end ? drain(feed, &record) : 0;
	record_free(&record);
	return NULL;
}

int feed_start(struct feed *feed, size_t batch, struct err *err)
{
	const struct clip_config *config = &feed->checkpoint->clip->config;
	struct batch_shape shape = { .records = batch, .views = feed->recipe->views, .image_size = config->vision.image_size,
		.context = feed->recipe->texts ? config->text.context_length : 0 };

	pthread_mutex_init(&feed->lock, NULL);
	if (batch_queue_init(&feed->queue, &shape, err)) {
		batch_queue_free(&feed->queue);
		return -1;
	}
	if (pthread_create(&feed->thread, NULL, feed_main, feed)) {
		batch_queue_free(&feed->queue);
		return err_set(err, "cannot start a thread");
	}
	feed->started = true;
	return 0;
}

const struct batch *feed_next(struct feed *feed)
{
	return batch_queue_take(&feed->queue);
}

int feed_stop(struct feed *feed)
{
	if (feed->started) {
		ring_cancel(&feed->queue.ring);
		pthread_join(feed->thread, NULL);
		batch_queue_free(&feed->queue);
		feed->started = false;
	}
	return feed->status < 0 ? -1 : 0;
}
