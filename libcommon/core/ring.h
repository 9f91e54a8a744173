/* A ring buffer's indices: one thread (the producer) fills slots, another (the consumer) takes them in order.  The ring hands out
 * slot numbers 0..size-1; the slots themselves belong to the caller. */
#ifndef CORE_RING_H
#define CORE_RING_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct ring {
	size_t size;
	size_t filled, taken, returned; /* totals */
	bool closed;    /* by the producer: no more slots will be filled */
	bool cancelled; /* by the consumer: no more slots are wanted */
	bool woken;     /* by any thread: ring_take must return */
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

void ring_init(struct ring *ring, size_t size);
void ring_free(struct ring *ring);

/* The producer: waits for a free slot (false: cancelled), fills it and pushes it; at the end it closes the ring. */
bool ring_wait_slot(struct ring *ring, size_t *slot);
void ring_push(struct ring *ring);
void ring_close(struct ring *ring);

/* The consumer: the next slot, borrowed until the next call.  false: closed and empty (ring_ended), or woken. */
bool ring_take(struct ring *ring, size_t *slot);
bool ring_ended(struct ring *ring);

/* From any thread: makes the current or next waiting ring_take return. */
void ring_wake(struct ring *ring);

void ring_cancel(struct ring *ring);

#endif
