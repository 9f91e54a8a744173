#include "tools/common/filter.h"

#include <pthread.h>
#include <stdlib.h>

/* Few records of hundreds of megabytes are on their way at once, however many threads there are. */
enum { HELD_MOST = 512 << 20 };

/* Records on their way, in stream order: the reader (the main thread) fills at the tail, workers take the oldest that
 * waits, the main thread writes from the head what is done. */
enum slot_state { WAITING, WORKING, DONE };

struct slot {
	enum slot_state state;
	bool mark; /* an epoch mark: record.epoch is its number */
	size_t memory; /* of the record, empty or not */
	enum filter_verdict verdict;
	struct record record;
	struct err err;
};

struct ring {
	struct tool *tool;
	const struct filter *filter;
	struct slot *slots;
	size_t size, head, count; /* head and tail are the main thread's */
	size_t next;              /* the oldest that may be WAITING */
	size_t filled;            /* slots ever filled */
	size_t held;              /* bytes in all slots */
	bool stop;
	pthread_mutex_t lock;
	pthread_cond_t work_came, slot_done;
	pthread_t *threads;
	size_t thread_count;
};

struct worker {
	struct ring *ring;
	size_t index;
};

static void work_on(const struct filter *filter, struct slot *slot, size_t thread)
{
	slot->verdict = filter->work(filter->context, &slot->record, thread, &slot->err);
}

static struct slot *take(struct ring *ring)
{
	while (!ring->stop) {
		for (; ring->next < ring->filled; ring->next++) {
			struct slot *slot = &ring->slots[ring->next % ring->size];
			if (slot->state == WAITING) {
				slot->state = WORKING;
				ring->next++;
				return slot;
			}
		}
		pthread_cond_wait(&ring->work_came, &ring->lock);
	}
	return NULL;
}

/* Under the lock. */
static void measure(struct ring *ring, struct slot *slot)
{
	ring->held -= slot->memory;
	slot->memory = record_memory(&slot->record);
	ring->held += slot->memory;
}

static void *worker_main(void *argument)
{
	struct worker worker = *(struct worker *)argument;
	struct ring *ring = worker.ring;
	struct slot *slot;

	free(argument);
	pthread_mutex_lock(&ring->lock);
	while ((slot = take(ring))) {
		pthread_mutex_unlock(&ring->lock);
		work_on(ring->filter, slot, worker.index);
		pthread_mutex_lock(&ring->lock);
		slot->state = DONE;
		measure(ring, slot);
		if (slot == &ring->slots[ring->head % ring->size])
			pthread_cond_signal(&ring->slot_done);
	}
	pthread_mutex_unlock(&ring->lock);
	return NULL;
}

/* What becomes of a record that was worked on. */
static int settle(struct tool *tool, struct slot *slot)
{
	switch (slot->verdict) {
	case FILTER_KEEP:
		return stream_write(&tool->out, &slot->record, &tool->err);
	case FILTER_MENDED:
		return tool_mended(tool, slot->record.key, slot->err.text) ? -1 : stream_write(&tool->out, &slot->record, &tool->err);
	case FILTER_DROP:
		return 0;
	case FILTER_BAD:
		return tool_bad(tool, slot->record.key, slot->err.text);
	case FILTER_FAIL:
		break;
	}
	return err_set(&tool->err, "%.*s: %s", (int)(slot->record.key.size < 512 ? slot->record.key.size : 512),
		(const char *)slot->record.key.data, slot->err.text);
}

static enum filter_choice choose(const struct filter *filter, const struct record *record, struct err *err)
{
	return filter->choose ? filter->choose(filter->context, record, err) : FILTER_WORK;
}

static int forward(struct tool *tool, const struct record *record)
{
	return stream_write(&tool->out, record, &tool->err);
}

static int filter_alone(struct tool *tool, const struct filter *filter)
{
	struct slot slot = { 0 };
	int state, result = 0;

	while (result == 0 && (state = tool_next(tool, &slot.record)) != STREAM_END) {
		if (state < 0) {
			result = -1;
			break;
		}
		if (state == STREAM_EPOCH) {
			result = stream_write_epoch(&tool->out, tool->in.epoch, &tool->err);
			continue;
		}
		switch (choose(filter, &slot.record, &tool->err)) {
		case FILTER_FORWARD:
			result = forward(tool, &slot.record);
			break;
		case FILTER_WORK:
			work_on(filter, &slot, 0);
			result = settle(tool, &slot);
			break;
		case FILTER_SKIP:
			break;
		case FILTER_REFUSE:
			result = -1;
		}
	}
	record_free(&slot.record);
	return result;
}

static int write_head(struct ring *ring)
{
	struct slot *slot = &ring->slots[ring->head % ring->size];

	pthread_mutex_lock(&ring->lock);
	while (slot->state != DONE)
		pthread_cond_wait(&ring->slot_done, &ring->lock);
	pthread_mutex_unlock(&ring->lock);
	int result = slot->mark ? stream_write_epoch(&ring->tool->out, slot->record.epoch, &ring->tool->err)
				: settle(ring->tool, slot);
	pthread_mutex_lock(&ring->lock);
	if (ring->held > HELD_MOST) {
		record_free(&slot->record);
		measure(ring, slot);
	}
	ring->head++;
	pthread_mutex_unlock(&ring->lock);
	ring->count--;
	return result;
}

/* As many slots as can be, or as large ones. */
static bool is_full(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	const bool full = ring->count == ring->size || (ring->count && ring->held > HELD_MOST);
	pthread_mutex_unlock(&ring->lock);
	return full;
}

static bool head_is_done(struct ring *ring)
{
	if (!ring->count)
		return false;
	pthread_mutex_lock(&ring->lock);
	bool done = ring->slots[ring->head % ring->size].state == DONE;
	pthread_mutex_unlock(&ring->lock);
	return done;
}

static void push(struct ring *ring, struct slot *slot, enum slot_state state)
{
	pthread_mutex_lock(&ring->lock);
	slot->state = state;
	measure(ring, slot);
	ring->filled++;
	if (state == WAITING)
		pthread_cond_signal(&ring->work_came);
	pthread_mutex_unlock(&ring->lock);
	ring->count++;
}

/* Puts the record that was just read into the tail slot, unless it can go straight on. */
static int push_record(struct ring *ring, struct slot *slot)
{
	struct tool *tool = ring->tool;
	enum filter_choice choice = choose(ring->filter, &slot->record, &tool->err);

	if (choice == FILTER_SKIP)
		return 0;
	if (choice == FILTER_REFUSE)
		return -1;
	if (choice == FILTER_FORWARD && ring->count == 0)
		return forward(tool, &slot->record);
	/* What goes on as it came is not read a second time, but waits for its turn as bytes. */
	if (choice == FILTER_FORWARD ? stream_record_hold(&slot->record, &tool->err)
				     : stream_record_own(&tool->in, &slot->record, &tool->err))
		return -1;
	slot->mark = false;
	slot->verdict = FILTER_KEEP;
	push(ring, slot, choice == FILTER_WORK ? WAITING : DONE);
	return 0;
}

static int push_mark(struct ring *ring, struct slot *slot)
{
	if (ring->count == 0)
		return stream_write_epoch(&ring->tool->out, ring->tool->in.epoch, &ring->tool->err);
	slot->mark = true;
	slot->record.epoch = ring->tool->in.epoch;
	push(ring, slot, DONE);
	return 0;
}

static int run(struct ring *ring)
{
	bool ended = false;

	while (!ended || ring->count) {
		if (ended || is_full(ring)) {
			if (write_head(ring))
				return -1;
			continue;
		}
		struct slot *slot = &ring->slots[ring->filled % ring->size];
		int state = tool_next(ring->tool, &slot->record);
		ended = state == STREAM_END;
		if (state < 0 || (state == STREAM_RECORD && push_record(ring, slot)) ||
			(state == STREAM_EPOCH && push_mark(ring, slot)))
			return -1;
		while (head_is_done(ring))
			if (write_head(ring))
				return -1;
	}
	return 0;
}

static int start_threads(struct ring *ring, size_t wanted)
{
	for (; ring->thread_count < wanted; ring->thread_count++) {
		struct worker *worker = malloc(sizeof *worker);
		if (!worker)
			return err_memory(&ring->tool->err);
		*worker = (struct worker){ ring, ring->thread_count };
		if (pthread_create(&ring->threads[ring->thread_count], NULL, worker_main, worker)) {
			free(worker);
			return err_set(&ring->tool->err, "cannot start thread %zu of %zu", ring->thread_count + 1, wanted);
		}
	}
	return 0;
}

static void stop_threads(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->stop = true;
	pthread_cond_broadcast(&ring->work_came);
	pthread_mutex_unlock(&ring->lock);
	for (size_t i = 0; i < ring->thread_count; i++)
		pthread_join(ring->threads[i], NULL);
}

enum { SLOTS_PER_THREAD = 16 };

static int filter_together(struct tool *tool, const struct filter *filter)
{
	struct ring ring = { .tool = tool, .filter = filter, .size = SLOTS_PER_THREAD * (size_t)tool->jobs };
	int result = -1;

	ring.slots = calloc(ring.size, sizeof *ring.slots);
	ring.threads = calloc((size_t)tool->jobs, sizeof *ring.threads);
	pthread_mutex_init(&ring.lock, NULL);
	pthread_cond_init(&ring.work_came, NULL);
	pthread_cond_init(&ring.slot_done, NULL);
	if (!ring.slots || !ring.threads)
		err_memory(&tool->err);
	else if (start_threads(&ring, (size_t)tool->jobs) == 0)
		result = run(&ring);
	stop_threads(&ring);
	for (size_t i = 0; ring.slots && i < ring.size; i++)
		record_free(&ring.slots[i].record);
	pthread_cond_destroy(&ring.work_came);
	pthread_cond_destroy(&ring.slot_done);
	pthread_mutex_destroy(&ring.lock);
	free(ring.slots);
	free(ring.threads);
	return result;
}

int tool_filter(struct tool *tool, const struct filter *filter)
{
	return tool->jobs == 1 ? filter_alone(tool, filter) : filter_together(tool, filter);
}
