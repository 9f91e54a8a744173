/* Region-based memory: allocated piece by piece, freed all at once. */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena {
	struct arena_chunk *chunks; /* the current one first */
	size_t used;                /* bytes allocated since the last reset */
	size_t peak;                /* maximum of used, ever */
	size_t most;                /* limit of used; 0: none */
	size_t refused;             /* size of the last allocation that the system refused */
	bool failed;                /* an allocation failed since the last reset */
};

/* `size` bytes, aligned to 64, not initialised.  NULL: out of memory; `failed` is set. */
void *arena_alloc(struct arena *arena, size_t size);

/* `count` items of `size` bytes, zeroed; the product is checked for overflow. */
void *arena_zeroed(struct arena *arena, size_t count, size_t size);

/* A NUL-terminated copy of `size` bytes. */
char *arena_string(struct arena *arena, const void *data, size_t size);

/* A position in the arena.  arena_rewind frees everything allocated since, except `size` bytes at `keep`, which are moved to the
 * position and whose new address is returned.  keep NULL: only reserves the bytes.  NULL: out of memory, or size is 0. */
struct arena_mark {
	struct arena_chunk *chunk;
	size_t chunk_used, used;
};
struct arena_mark arena_mark(const struct arena *arena);
void *arena_rewind(struct arena *arena, const struct arena_mark *mark, const void *keep, size_t size);

/* Frees everything, but keeps one chunk as large as the peak, so that repeating the same work allocates nothing. */
void arena_reset(struct arena *arena);
void arena_free(struct arena *arena);

#endif
