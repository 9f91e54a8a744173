#define _GNU_SOURCE /* sched_getaffinity */
#include "core/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

/* A training step is hundreds of jobs of some 100 us each: threads look for the next one for about that long before
 * they go to sleep. */
enum { SPINS = 4000 };

struct worker {
	struct pool *pool;
	size_t index;
	pthread_t thread;
};

struct pool {
	size_t threads;
	struct worker *workers; /* threads - 1 of them; the caller is thread 0 */

	void (*work)(void *, size_t, size_t);
	void *context;
	size_t pieces;
	atomic_size_t next_piece;
	atomic_size_t busy; /* workers that have not finished this job */
	atomic_ulong job;   /* goes up by one with each job */

	pthread_mutex_t lock; /* for the two conditions only */
	pthread_cond_t job_came, job_ended;
	bool stop;
};

static void pause_briefly(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#endif
}

static void do_pieces(struct pool *pool, size_t thread)
{
	size_t piece;

	while ((piece = atomic_fetch_add(&pool->next_piece, 1)) < pool->pieces)
		pool->work(pool->context, piece, thread);
}

static unsigned long wait_for_job(struct pool *pool, unsigned long last)
{
	for (int i = 0; i < SPINS; i++) {
		if (atomic_load(&pool->job) != last)
			return atomic_load(&pool->job);
		pause_briefly();
	}
	pthread_mutex_lock(&pool->lock);
	while (atomic_load(&pool->job) == last)
		pthread_cond_wait(&pool->job_came, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
	return atomic_load(&pool->job);
}

static void *worker_main(void *argument)
{
	struct worker *worker = argument;
	struct pool *pool = worker->pool;
	unsigned long job = 0;

	for (;;) {
		job = wait_for_job(pool, job);
		if (pool->stop)
			return NULL;
		do_pieces(pool, worker->index);
		if (atomic_fetch_sub(&pool->busy, 1) == 1) {
			pthread_mutex_lock(&pool->lock);
			pthread_cond_signal(&pool->job_ended);
			pthread_mutex_unlock(&pool->lock);
		}
	}
}

static void post_job(struct pool *pool)
{
	atomic_store(&pool->busy, pool->threads - 1);
	atomic_store(&pool->next_piece, 0);
	pthread_mutex_lock(&pool->lock);
	atomic_fetch_add(&pool->job, 1);
	pthread_cond_broadcast(&pool->job_came);
	pthread_mutex_unlock(&pool->lock);
}

static void wait_for_workers(struct pool *pool)
{
	for (int i = 0; i < SPINS; i++) {
		if (atomic_load(&pool->busy) == 0)
			return;
		pause_briefly();
	}
	pthread_mutex_lock(&pool->lock);
	while (atomic_load(&pool->busy) != 0)
		pthread_cond_wait(&pool->job_ended, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
}

void pool_run(struct pool *pool, size_t pieces, void (*work)(void *, size_t, size_t), void *context)
{
	if (pool->threads == 1 || pieces <= 1) {
		for (size_t piece = 0; piece < pieces; piece++)
			work(context, piece, 0);
		return;
	}
	pool->work = work;
	pool->context = context;
	pool->pieces = pieces;
	post_job(pool);
	do_pieces(pool, 0);
	wait_for_workers(pool);
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
			pool_free(pool);
			err_set(err, "cannot start thread %zu of %zu", worker->index + 1, threads);
			return NULL;
		}
	}
	return pool;
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	pool->stop = true;
	post_job(pool);
	for (size_t i = 0; i + 1 < pool->threads; i++)
		pthread_join(pool->workers[i].thread, NULL);
	pthread_mutex_destroy(&pool->lock);
	pthread_cond_destroy(&pool->job_came);
	pthread_cond_destroy(&pool->job_ended);
	free(pool->workers);
	free(pool);
}

size_t pool_default_threads(void)
{
	const char *wanted = getenv("CC_JOBS");
	long jobs = wanted ? strtol(wanted, NULL, 10) : 0;
	cpu_set_t cpus;

	if (jobs >= 1 && jobs <= 1024)
		return (size_t)jobs;
	if (sched_getaffinity(0, sizeof cpus, &cpus) == 0 && CPU_COUNT(&cpus) > 0)
		return (size_t)CPU_COUNT(&cpus);
	return 1;
}
