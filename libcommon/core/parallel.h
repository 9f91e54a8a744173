/* A pool of threads that runs the pieces of one job.  How a job is cut into pieces is the caller's choice and must not
 * depend on the number of threads: then neither does the result. */
#ifndef CORE_PARALLEL_H
#define CORE_PARALLEL_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>

struct pool;

/* threads >= 1, the caller's own among them; 1 starts none.  NULL on error. */
struct pool *pool_new(size_t threads, struct err *err);
/* A pool that runs no piece of any job: for who wants to know what a job needs without doing it. */
struct pool *pool_new_idle(size_t threads, struct err *err);
bool pool_is_idle(const struct pool *pool);
void pool_free(struct pool *pool); /* NULL is fine */
size_t pool_threads(const struct pool *pool);

/* Calls work(context, piece, thread) for each piece 0..pieces-1, in any order, and returns when all are done.
 * thread: 0..threads-1, never two calls at once with the same one: an index into per-thread scratch.
 * Not to be called from inside work. */
void pool_run(struct pool *pool, size_t pieces, void (*work)(void *context, size_t piece, size_t thread), void *context);

#endif
