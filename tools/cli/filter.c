#include "tools/cli/filter.h"

#include <pthread.h>
#include <stdlib.h>

/* Bound on the records in the queue, in bytes, for any number of threads. */
enum { MEMORY_MOST = 512 << 20 };

/* A ring of records in stream order.  The main thread reads into the tail and writes finished records from the head; workers take the
 * oldest waiting record. */
enum slot_state { WAITING, WORKING, DONE };

struct slot {
	enum slot_state state;
	bool mark; /* an epoch mark: record.epoch is its number */
	size_t memory; /* bytes allocated by the record, even if it is empty */
	enum filter_verdict verdict;
	struct record record;
	struct err err;
};

struct queue {
	struct tool *tool;
	const struct filter *filter;
	struct slot *slots;
	size_t size;              /* number of slots */
	size_t head, count;       /* used by the main thread alone */
	size_t next;              /* no slot before this one is WAITING */
	size_t filled;            /* slots ever filled */
	size_t memory;            /* bytes in all slots */
	bool stop;
	pthread_mutex_t lock;
	pthread_cond_t work_available, slot_done;
	pthread_t *threads;
	size_t thread_count;
};

struct worker {
	struct queue *queue;
	size_t index;
};

static void work_on(const struct filter *filter, struct slot *slot, size_t thread)
{
	slot->verdict = filter->work(filter->context, &slot->record, thread, &slot->err);
}

static struct slot *take(struct queue *queue)
{
	while (!queue->stop) {
		for (; queue->next < queue->filled; queue->next++) {
			struct slot *slot = &queue->slots[queue->next % queue->size];
			if (slot->state == WAITING) {
				slot->state = WORKING;
				queue->next++;
				return slot;
			}
		}
		pthread_cond_wait(&queue->work_available, &queue->lock);
	}
	return NULL;
}

/* Call with the lock held. */
static void measure(struct queue *queue, struct slot *slot)
{
	queue->memory -= slot->memory;
	slot->memory = record_memory(&slot->record);
	queue->memory += slot->memory;
}

static void *worker_main(void *argument)
{
	struct worker worker = *(struct worker *)argument;
	struct queue *queue = worker.queue;
	struct slot *slot;

	free(argument);
	pthread_mutex_lock(&queue->lock);
	while ((slot = take(queue))) {
		pthread_mutex_unlock(&queue->lock);
		work_on(queue->filter, slot, worker.index);
		pthread_mutex_lock(&queue->lock);
		slot->state = DONE;
		measure(queue, slot);
		if (slot == &queue->slots[queue->head % queue->size])
			pthread_cond_signal(&queue->slot_done);
	}
	pthread_mutex_unlock(&queue->lock);
	return NULL;
}

/* Writes, counts or drops a record by the verdict on it. */
static int apply_verdict(struct tool *tool, struct slot *slot)
{
	switch (slot->verdict) {
	case FILTER_KEEP: return stream_write(&tool->out, &slot->record, &tool->err);
	case FILTER_KEEP_BAD:
		return tool_keep_bad(tool, slot->record.key, slot->err.text) ? -1 : stream_write(&tool->out, &slot->record, &tool->err);
	case FILTER_DROP: return 0;
	case FILTER_BAD: return tool_bad(tool, slot->record.key, slot->err.text);
	case FILTER_FAIL: break;
	}
	return err_set(&tool->err, "%.*s: %s", span_shown(slot->record.key, 512), (const char *)slot->record.key.data, slot->err.text);
}

static enum filter_choice choose(const struct filter *filter, const struct record *record, struct err *err)
{
	return filter->choose ? filter->choose(filter->context, record, err) : FILTER_WORK;
}

static int copy(struct tool *tool, const struct record *record)
{
	return stream_write(&tool->out, record, &tool->err);
}

static int filter_serial(struct tool *tool, const struct filter *filter)
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
		case FILTER_COPY: result = copy(tool, &slot.record); break;
		case FILTER_WORK:
			work_on(filter, &slot, 0);
			result = apply_verdict(tool, &slot);
			break;
		case FILTER_SKIP: break;
		case FILTER_REFUSE: result = -1;
		}
	}
	record_free(&slot.record);
	return result;
}

static int write_head(struct queue *queue)
{
	struct slot *slot = &queue->slots[queue->head % queue->size];

	pthread_mutex_lock(&queue->lock);
	while (slot->state != DONE)
		pthread_cond_wait(&queue->slot_done, &queue->lock);
	pthread_mutex_unlock(&queue->lock);
	int result = slot->mark ? stream_write_epoch(&queue->tool->out, slot->record.epoch, &queue->tool->err)
				: apply_verdict(queue->tool, slot);
	pthread_mutex_lock(&queue->lock);
	if (queue->memory > MEMORY_MOST) {
		record_free(&slot->record);
		measure(queue, slot);
	}
	queue->head++;
	pthread_mutex_unlock(&queue->lock);
	queue->count--;
	return result;
}

static bool is_full(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	const bool full = queue->count == queue->size || (queue->count && queue->memory > MEMORY_MOST);
	pthread_mutex_unlock(&queue->lock);
	return full;
}

static bool head_is_done(struct queue *queue)
{
	if (!queue->count)
		return false;
	pthread_mutex_lock(&queue->lock);
	bool done = queue->slots[queue->head % queue->size].state == DONE;
	pthread_mutex_unlock(&queue->lock);
	return done;
}

static void push(struct queue *queue, struct slot *slot, enum slot_state state)
{
	pthread_mutex_lock(&queue->lock);
	slot->state = state;
	measure(queue, slot);
	queue->filled++;
	if (state == WAITING)
		pthread_cond_signal(&queue->work_available);
	pthread_mutex_unlock(&queue->lock);
	queue->count++;
}

/* Puts the record in the tail slot into the queue; a copied record is written directly if the queue is empty. */
static int push_record(struct queue *queue, struct slot *slot)
{
	struct tool *tool = queue->tool;
	enum filter_choice choice = choose(queue->filter, &slot->record, &tool->err);

	if (choice == FILTER_SKIP)
		return 0;
	if (choice == FILTER_REFUSE)
		return -1;
	if (choice == FILTER_COPY && queue->count == 0)
		return copy(tool, &slot->record);
	/* A copied record waits as bytes; one to be changed is parsed into memory of its own. */
	if (choice == FILTER_COPY ? stream_record_hold(&slot->record, &tool->err) : stream_record_own(&tool->in, &slot->record, &tool->err))
		return -1;
	slot->mark = false;
	slot->verdict = FILTER_KEEP;
	push(queue, slot, choice == FILTER_WORK ? WAITING : DONE);
	return 0;
}

static int push_mark(struct queue *queue, struct slot *slot)
{
	if (queue->count == 0)
		return stream_write_epoch(&queue->tool->out, queue->tool->in.epoch, &queue->tool->err);
	slot->mark = true;
	slot->record.epoch = queue->tool->in.epoch;
	push(queue, slot, DONE);
	return 0;
}

static int run(struct queue *queue)
{
	bool ended = false;

	while (!ended || queue->count) {
		if (ended || is_full(queue)) {
			if (write_head(queue))
				return -1;
			continue;
		}
		struct slot *slot = &queue->slots[queue->filled % queue->size];
		int state = tool_next(queue->tool, &slot->record);
		ended = state == STREAM_END;
		if (state < 0 || (state == STREAM_RECORD && push_record(queue, slot)) || (state == STREAM_EPOCH && push_mark(queue, slot)))
			return -1;
		while (head_is_done(queue))
			if (write_head(queue))
				return -1;
	}
	return 0;
}

static int start_threads(struct queue *queue, size_t wanted)
{
	for (; queue->thread_count < wanted; queue->thread_count++) {
		struct worker *worker = malloc(sizeof *worker);
		if (!worker)
			return err_memory(&queue->tool->err);
		*worker = (struct worker){ queue, queue->thread_count };
		if (pthread_create(&queue->threads[queue->thread_count], NULL, worker_main, worker)) {
			free(worker);
			return err_set(&queue->tool->err, "cannot start thread %zu of %zu", queue->thread_count + 1, wanted);
		}
	}
	return 0;
}

static void stop_threads(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->stop = true;
	pthread_cond_broadcast(&queue->work_available);
	pthread_mutex_unlock(&queue->lock);
	for (size_t i = 0; i < queue->thread_count; i++)
		pthread_join(queue->threads[i], NULL);
}

enum { SLOTS_PER_THREAD = 16 };

static int filter_parallel(struct tool *tool, const struct filter *filter)
{
	struct queue queue = { .tool = tool, .filter = filter, .size = SLOTS_PER_THREAD * (size_t)tool->jobs };
	int result = -1;

	queue.slots = calloc(queue.size, sizeof *queue.slots);
	queue.threads = calloc((size_t)tool->jobs, sizeof *queue.threads);
	pthread_mutex_init(&queue.lock, NULL);
	pthread_cond_init(&queue.work_available, NULL);
	pthread_cond_init(&queue.slot_done, NULL);
	if (!queue.slots || !queue.threads)
		err_memory(&tool->err);
	else if (start_threads(&queue, (size_t)tool->jobs) == 0)
		result = run(&queue);
	stop_threads(&queue);
	for (size_t i = 0; queue.slots && i < queue.size; i++)
		record_free(&queue.slots[i].record);
	pthread_cond_destroy(&queue.work_available);
	pthread_cond_destroy(&queue.slot_done);
	pthread_mutex_destroy(&queue.lock);
	free(queue.slots);
	free(queue.threads);
	return result;
}

int tool_filter(struct tool *tool, const struct filter *filter)
{
	return tool->jobs == 1 ? filter_serial(tool, filter) : filter_parallel(tool, filter);
}
