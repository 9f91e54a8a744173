/* Slots in a circle that one thread fills and another empties, in order.  What a slot is, the two know: the ring hands
 * out numbers 0..size-1. */
#ifndef CORE_RING_H
#define CORE_RING_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct ring {
	size_t size;
	size_t filled, taken, returned; /* ever */
	bool closed;    /* by the filler: nothing more comes */
	bool cancelled; /* by the taker: nothing more is wanted */
	bool woken;     /* by anybody: the taker is to look up */
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

void ring_init(struct ring *ring, size_t size);
void ring_free(struct ring *ring);

/* The filler: waits for a free slot (false: cancelled), fills it, pushes it; at last closes. */
bool ring_wait_slot(struct ring *ring, size_t *slot);
void ring_push(struct ring *ring);
void ring_close(struct ring *ring);

/* The taker: the next slot, which is his until the next call.  false: closed, and all were taken (then ring_ended), or
 * woken. */
bool ring_take(struct ring *ring, size_t *slot);
bool ring_ended(struct ring *ring);

/* From any thread: a ring_take that waits, or the next one that would, returns. */
void ring_wake(struct ring *ring);

void ring_cancel(struct ring *ring);

#endif
