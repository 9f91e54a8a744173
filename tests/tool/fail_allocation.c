/* To be loaded in front of the C library (LD_PRELOAD): one allocation of our programs fails.
 * FAIL_AT=N: the N-th one (from 1); with FAIL_ALL set, all later ones too.  FAIL_COUNT=FILE: how many there were.
 * Programs of other names (gnuplot, make) are left alone. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t), *__libc_memalign(size_t, size_t);

static atomic_long count;
static long fail_at;
static int all, ready;

__attribute__((constructor)) static void start(void)
{
	const char *at = getenv("FAIL_AT");

	fail_at = at ? atol(at) : 0;
	all = getenv("FAIL_ALL") != NULL;
	ready = strncmp(program_invocation_short_name, "cc-", 3) == 0;
}

__attribute__((destructor)) static void report(void)
{
	const char *path = ready ? getenv("FAIL_COUNT") : NULL;
	const long allocations = atomic_load(&count);
	FILE *file = path ? fopen(path, "w") : NULL;

	if (file) {
		fprintf(file, "%ld\n", allocations);
		fclose(file);
	}
}

static int fails(void)
{
	if (!ready)
		return 0;
	const long number = atomic_fetch_add(&count, 1) + 1;
	if (!fail_at || (all ? number < fail_at : number != fail_at))
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
	return fails() ? NULL : __libc_calloc(number, size);
}

void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
	*memory = fails() ? NULL : __libc_memalign(alignment, size);
	return *memory ? 0 : ENOMEM;
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size)
{
	return fails() ? NULL : __libc_memalign(alignment, size);
}
