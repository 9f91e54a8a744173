/* A pool of two threads for a group of tests: cmocka_run_group_tests(tests, nn_pool_start, nn_pool_stop). */
#ifndef TESTS_NN_POOL_H
#define TESTS_NN_POOL_H

#include "core/err.h"
#include "core/parallel.h"

static struct pool *nn_pool;

static int nn_pool_start(void **state)
{
	struct err err;

	(void)state;
	nn_pool = pool_new(2, &err);
	return nn_pool ? 0 : -1;
}

static int nn_pool_stop(void **state)
{
	(void)state;
	pool_free(nn_pool);
	return 0;
}

#endif
