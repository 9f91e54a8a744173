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
	size_t refused;             /* bytes that the system refused last */
	bool failed;                /* an allocation failed since the last reset */
};

/* `size` bytes aligned to 64, not initialised.  NULL (and `failed`) where there is no memory. */
void *arena_alloc(struct arena *arena, size_t size);

/* `count` items of `size` bytes, zeroed; the product is checked. */
void *arena_zeroed(struct arena *arena, size_t count, size_t size);

/* A NUL-terminated copy of `size` bytes. */
char *arena_string(struct arena *arena, const void *data, size_t size);

/* Where it stands.  Going back to there takes back what was handed out since, but for `size` bytes at `keep` (in that
 * part; NULL where they are of no interest), which are moved down to where the rest began.  Returns their place; NULL:
 * no memory.  size 0: nothing stays, and the place means nothing. */
struct arena_mark {
	struct arena_chunk *chunk;
	size_t chunk_used, used;
};
struct arena_mark arena_mark(const struct arena *arena);
void *arena_rewind(struct arena *arena, const struct arena_mark *mark, const void *keep, size_t size);

/* Takes everything back.  The most that any round used is kept as one chunk, so that equal rounds allocate nothing. */
void arena_reset(struct arena *arena);
void arena_free(struct arena *arena);

#endif
