/* Memory that is handed out piece by piece and given back all at once. */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena {
	struct arena_chunk *chunks; /* the one in use first */
	size_t used;                /* bytes handed out since the last reset */
	size_t peak;                /* the most that was ever in use */
	size_t most;                /* it takes no more, where this is not 0 */
	bool failed;                /* an allocation failed since the last reset */
};

/* `size` bytes aligned to 64, not initialised.  NULL (and `failed`) where there is no memory. */
void *arena_alloc(struct arena *arena, size_t size);

/* `count` items of `size` bytes, zeroed; the product is checked. */
void *arena_zeroed(struct arena *arena, size_t count, size_t size);

/* A NUL-terminated copy of `size` bytes. */
char *arena_string(struct arena *arena, const void *data, size_t size);

/* Takes everything back.  What the last round used is kept as one chunk, so that equal rounds allocate nothing. */
void arena_reset(struct arena *arena);
void arena_free(struct arena *arena);

#endif
