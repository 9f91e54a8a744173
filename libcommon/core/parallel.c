#include "core/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* A training step is hundreds of jobs of about 100 us each: threads spin for about that long before they sleep. */
enum { SPINS = 4000 };

struct worker {
	struct pool *pool;
	size_t index;
	pthread_t thread;
};

/* A job ends when its pieces are done, not when every worker has seen it: on a busy machine a worker may not run for
 * milliseconds, and the others then do its share.
 *
 * ticket: the job's number in the high half, the number of pieces not yet taken in the low half.  A thread that decrements it
 * owns that piece, and the job's fields do not change until the piece is done. */
struct pool {
	size_t threads;
	bool idle; /* no thread was started */
	struct worker *workers; /* threads - 1 of them; the caller is thread 0 */

	void (*work)(void *, size_t, size_t);
	void *context;
	size_t pieces;
	atomic_ullong ticket;
	atomic_size_t done; /* pieces */

	pthread_mutex_t lock; /* for the two conditions only */
	pthread_cond_t job_came, job_ended;
	atomic_size_t sleepers;     /* workers that wait for job_came */
	atomic_bool caller_sleeps;  /* waits for job_ended */
	atomic_bool stop;
};

static void pause_briefly(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#endif
}

static bool work_left(struct pool *pool)
{
	return (uint32_t)atomic_load(&pool->ticket) != 0;
}

static void wake_caller(struct pool *pool)
{
	if (!atomic_load(&pool->caller_sleeps))
		return;
	pthread_mutex_lock(&pool->lock);
	pthread_cond_signal(&pool->job_ended);
	pthread_mutex_unlock(&pool->lock);
}

static void do_pieces(struct pool *pool, size_t thread)
{
	unsigned long long ticket = atomic_load(&pool->ticket);

	while ((uint32_t)ticket != 0) {
		if (!atomic_compare_exchange_weak(&pool->ticket, &ticket, ticket - 1))
			continue;
		size_t pieces = pool->pieces;
		pool->work(pool->context, pieces - (uint32_t)ticket, thread);
		if (atomic_fetch_add(&pool->done, 1) + 1 == pieces)
			wake_caller(pool);
		ticket = atomic_load(&pool->ticket);
	}
}

static void wait_for_job(struct pool *pool)
{
	for (int i = 0; i < SPINS; i++) {
		if (work_left(pool) || atomic_load(&pool->stop))
			return;
		pause_briefly();
	}
	pthread_mutex_lock(&pool->lock);
	atomic_fetch_add(&pool->sleepers, 1);
	while (!work_left(pool) && !atomic_load(&pool->stop))
		pthread_cond_wait(&pool->job_came, &pool->lock);
	atomic_fetch_sub(&pool->sleepers, 1);
	pthread_mutex_unlock(&pool->lock);
}

static void *worker_main(void *argument)
{
	struct worker *worker = argument;
	struct pool *pool = worker->pool;

	while (!atomic_load(&pool->stop)) {
		wait_for_job(pool);
		do_pieces(pool, worker->index);
	}
	return NULL;
}

static void wake_workers(struct pool *pool)
{
	if (atomic_load(&pool->sleepers) == 0)
		return;
	pthread_mutex_lock(&pool->lock);
	pthread_cond_broadcast(&pool->job_came);
	pthread_mutex_unlock(&pool->lock);
}

static bool job_done(struct pool *pool)
{
	return atomic_load(&pool->done) == pool->pieces;
}

static void wait_for_pieces(struct pool *pool)
{
	for (int i = 0; i < SPINS; i++) {
		if (job_done(pool))
			return;
		pause_briefly();
	}
	pthread_mutex_lock(&pool->lock);
	atomic_store(&pool->caller_sleeps, true);
	while (!job_done(pool))
		pthread_cond_wait(&pool->job_ended, &pool->lock);
	atomic_store(&pool->caller_sleeps, false);
	pthread_mutex_unlock(&pool->lock);
}

void pool_run(struct pool *pool, size_t pieces, void (*work)(void *, size_t, size_t), void *context)
{
	unsigned long long job = (atomic_load(&pool->ticket) >> 32) + 1;

	if (pool->idle)
		return;
	if (pool->threads == 1 || pieces <= 1 || pieces > UINT32_MAX) {
		for (size_t piece = 0; piece < pieces; piece++)
			work(context, piece, 0);
		return;
	}
	pool->work = work;
	pool->context = context;
	pool->pieces = pieces;
	atomic_store(&pool->done, 0);
	atomic_store(&pool->ticket, job << 32 | pieces);
	wake_workers(pool);
	do_pieces(pool, 0);
	wait_for_pieces(pool);
}

size_t pool_threads(const struct pool *pool)
{
	return pool->threads;
}

struct pool *pool_new(size_t threads, struct err *err)
{
	struct pool *pool = calloc(1, sizeof *pool);
	struct worker *workers = calloc(threads, sizeof *workers);

	if (!pool || !workers) {
		free(pool);
		free(workers);
		err_memory(err);
		return NULL;
	}
	pool->threads = 1;
	pool->workers = workers;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->job_came, NULL);
	pthread_cond_init(&pool->job_ended, NULL);
	for (; pool->threads < threads; pool->threads++) {
		struct worker *worker = &workers[pool->threads - 1];
		*worker = (struct worker){ .pool = pool, .index = pool->threads };
		if (pthread_create(&worker->thread, NULL, worker_main, worker)) {
			err_set(err, "cannot start thread %zu of %zu", pool->threads + 1, threads);
			pool_free(pool);
			return NULL;
		}
	}
	return pool;
}

struct pool *pool_new_idle(size_t threads, struct err *err)
{
	struct pool *pool = pool_new(1, err);

	if (pool) {
		pool->idle = true;
		pool->threads = threads;
	}
	return pool;
}

bool pool_is_idle(const struct pool *pool)
{
	return pool->idle;
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	atomic_store(&pool->stop, true);
	pthread_mutex_lock(&pool->lock);
	pthread_cond_broadcast(&pool->job_came);
	pthread_mutex_unlock(&pool->lock);
	for (size_t i = 0; i + 1 < pool->threads && !pool->idle; i++)
		pthread_join(pool->workers[i].thread, NULL);
	pthread_mutex_destroy(&pool->lock);
	pthread_cond_destroy(&pool->job_came);
	pthread_cond_destroy(&pool->job_ended);
	free(pool->workers);
	free(pool);
}

size_t partials_rows(size_t rows, size_t columns)
{
	size_t least = pieces_rows(columns), share = pieces_count(rows, PARTIALS);

	return share > least ? share : least;
}

size_t partials_count(size_t rows, size_t columns)
{
	return pieces_count(rows, partials_rows(rows, columns));
}

void partials_sum(size_t count, size_t columns, const float *partial, size_t stride, bool add, float *sum)
{
	for (size_t j = 0; j < columns; j++) {
		double total = add ? (double)sum[j] : 0;
		for (size_t i = 0; i < count; i++)
			total += (double)partial[i * stride + j];
		sum[j] = (float)total;
	}
}
