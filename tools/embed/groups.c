#include "tools/embed/embed.h"

#include "formats/text/captions.h"
#include "formats/training/record_batch.h"

#include <stdlib.h>
#include <string.h>

static size_t image_bytes_of(const struct groups *groups)
{
	size_t side = groups->checkpoint->clip->config.vision.image_size;

	return 3 * side * side;
}

static int reserve_texts(struct record_group *group, size_t texts, size_t context)
{
	const size_t capacity = texts > 2 * group->text_capacity ? texts : 2 * group->text_capacity;

	if (texts <= group->text_capacity)
		return 0;
	int32_t *ids = realloc(group->ids, capacity * context * sizeof *ids);
	if (ids)
		group->ids = ids;
	size_t *lengths = realloc(group->lengths, capacity * sizeof *lengths);
	if (lengths)
		group->lengths = lengths;
	if (!ids || !lengths)
		return -1;
	group->text_capacity = capacity;
	return 0;
}

static enum put put_text(const struct groups *groups, struct record_group *group, const struct record *record, struct err *err)
{
	const size_t context = groups->checkpoint->clip->config.text.context_length, first = group->texts;
	struct captions captions;

	if (record_captions(record, &captions, err))
		return PUT_BAD;
	if (reserve_texts(group, first + captions.count, context)) {
		err_memory(err);
		return PUT_FAILED;
	}
	for (size_t i = 0; i < captions.count; i++)
		if (bpe_encode(&groups->checkpoint->bpe, captions.items[i], group->ids + (first + i) * context, context,
			    &group->lengths[first + i], err))
			return PUT_BAD;
	group->texts += captions.count;
	group->captions[group->count] = record_has_list(record) ? captions.count : 0;
	return PUT_DONE;
}

static int put_record(struct groups *groups, struct record_group *group, const struct record *record)
{
	struct err *err = &groups->tool->err;
	const size_t side = groups->checkpoint->clip->config.vision.image_size;
	enum put put = PUT_DONE;

	if (groups->images)
		put = record_batch_pixels(record, "rgb.npy", side, group->pixels + group->count * image_bytes_of(groups), err);
	if (put == PUT_DONE && groups->texts)
		put = put_text(groups, group, record, err);
	if (put == PUT_FAILED)
		return err_add(err, "%.*s", span_shown(record->key, 200), (const char *)record->key.data);
	if (put == PUT_BAD) {
		struct err reason = *err;
		pthread_mutex_lock(&groups->lock);
		const int state = tool_bad(groups->tool, record->key, reason.text);
		pthread_mutex_unlock(&groups->lock);
		return state;
	}
	group->memory += record_memory(record);
	group->count++;
	return 0;
}

/* A group with more bytes than this is closed before it has `batch` records. */
enum { MEMORY_MOST = 256 << 20 };

static void make_empty(const struct groups *groups, struct record_group *group)
{
	for (size_t i = 0; group->memory > MEMORY_MOST && i < groups->batch; i++)
		record_free(&group->records[i]);
	group->count = group->memory = group->texts = 0;
}

/* 1: the group is full, or an epoch mark was read (*mark), which belongs to the next group.  0: end of the stream. */
static int fill(struct groups *groups, struct record_group *group, bool *mark)
{
	struct tool *tool = groups->tool;

	group->marked = *mark;
	group->epoch = tool->in.epoch;
	make_empty(groups, group);
	*mark = false;
	while (group->count < groups->batch && group->memory <= MEMORY_MOST) {
		struct record *record = &group->records[group->count];
		int state = stream_read_owned(&tool->in, record, &tool->err);
		if (state <= 0)
			return state;
		*mark = state == STREAM_EPOCH;
		if (*mark)
			return 1;
		if (put_record(groups, group, record))
			return -1;
	}
	return 1;
}

static void *groups_main(void *context)
{
	struct groups *groups = context;
	bool mark = false;
	size_t slot;

	groups->status = 1;
	while (groups->status == 1 && ring_wait_slot(&groups->ring, &slot)) {
		groups->status = fill(groups, &groups->items[slot], &mark);
		if (groups->status >= 0)
			ring_push(&groups->ring);
	}
	ring_close(&groups->ring);
	return NULL;
}

static int allocate(struct groups *groups, struct err *err)
{
	size_t context = groups->checkpoint->clip->config.text.context_length;

	for (size_t i = 0; i < GROUPS_AHEAD; i++) {
		struct record_group *group = &groups->items[i];
		group->records = calloc(groups->batch, sizeof *group->records);
		group->pixels = calloc(groups->images ? groups->batch : 1, image_bytes_of(groups));
		group->ids = calloc(groups->batch, context * sizeof *group->ids);
		group->lengths = calloc(groups->batch, sizeof *group->lengths);
		group->captions = calloc(groups->batch, sizeof *group->captions);
		group->text_capacity = groups->batch;
		if (!group->records || !group->pixels || !group->ids || !group->lengths || !group->captions)
			return err_set(err, "a batch of %zu records does not fit into memory", groups->batch);
	}
	return 0;
}

static void release(struct groups *groups)
{
	for (size_t i = 0; i < GROUPS_AHEAD; i++) {
		struct record_group *group = &groups->items[i];
		for (size_t k = 0; group->records && k < groups->batch; k++)
			record_free(&group->records[k]);
		free(group->records);
		free(group->pixels);
		free(group->ids);
		free(group->lengths);
		free(group->captions);
		*group = (struct record_group){ 0 };
	}
}

int groups_start(struct groups *groups, struct err *err)
{
	ring_init(&groups->ring, GROUPS_AHEAD);
	pthread_mutex_init(&groups->lock, NULL);
	if (allocate(groups, err)) {
		release(groups);
		return -1;
	}
	if (pthread_create(&groups->thread, NULL, groups_main, groups)) {
		release(groups);
		return err_set(err, "cannot start a thread");
	}
	groups->started = true;
	return 0;
}

struct record_group *groups_next(struct groups *groups)
{
	size_t slot;

	return ring_take(&groups->ring, &slot) ? &groups->items[slot] : NULL;
}

int groups_stop(struct groups *groups)
{
	if (groups->started) {
		ring_cancel(&groups->ring);
		pthread_join(groups->thread, NULL);
		release(groups);
		ring_free(&groups->ring);
		groups->started = false;
	}
	return groups->status < 0 ? -1 : 0;
}
