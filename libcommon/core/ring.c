#include "core/ring.h"

#include <string.h>

void ring_init(struct ring *ring, size_t size)
{
	memset(ring, 0, sizeof *ring);
	ring->size = size;
	pthread_mutex_init(&ring->lock, NULL);
	pthread_cond_init(&ring->changed, NULL);
}

void ring_free(struct ring *ring)
{
	pthread_mutex_destroy(&ring->lock);
	pthread_cond_destroy(&ring->changed);
}

static void unlock_changed(struct ring *ring)
{
	pthread_cond_broadcast(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}

bool ring_wait_slot(struct ring *ring, size_t *slot)
{
	pthread_mutex_lock(&ring->lock);
	while (!ring->cancelled && ring->filled - ring->returned == ring->size)
		pthread_cond_wait(&ring->changed, &ring->lock);
	bool wanted = !ring->cancelled;
	*slot = ring->filled % ring->size;
	pthread_mutex_unlock(&ring->lock);
	return wanted;
}

void ring_push(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->filled++;
	unlock_changed(ring);
}

void ring_close(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->closed = true;
	unlock_changed(ring);
}

bool ring_take(struct ring *ring, size_t *slot)
{
	pthread_mutex_lock(&ring->lock);
	ring->returned = ring->taken;
	pthread_cond_broadcast(&ring->changed);
	while (!ring->closed && !ring->woken && ring->taken == ring->filled)
		pthread_cond_wait(&ring->changed, &ring->lock);
	ring->woken = false;
	bool found = ring->taken < ring->filled;
	*slot = ring->taken % ring->size;
	ring->taken += found;
	pthread_mutex_unlock(&ring->lock);
	return found;
}

bool ring_ended(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	bool ended = ring->closed && ring->taken == ring->filled;
	pthread_mutex_unlock(&ring->lock);
	return ended;
}

void ring_wake(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->woken = true;
	unlock_changed(ring);
}

void ring_cancel(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->cancelled = true;
	unlock_changed(ring);
}
