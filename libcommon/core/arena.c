#define _DEFAULT_SOURCE /* madvise */
#include "core/arena.h"

#include "core/err.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 64, SMALLEST_CHUNK = 1 << 16, HUGE_PAGE = 1 << 21 };

struct arena_chunk {
	struct arena_chunk *next;
	size_t size, used; /* bytes at data */
	unsigned char *data;
};

static struct arena_chunk *chunk_new(size_t size)
{
	struct arena_chunk *chunk = malloc(sizeof *chunk);
	void *data = NULL;

	if (!chunk || posix_memalign(&data, size < HUGE_PAGE ? ALIGNMENT : HUGE_PAGE, size)) {
		free(chunk);
		memory_set_failed();
		return NULL;
	}
#ifdef MADV_HUGEPAGE
	if (size >= HUGE_PAGE)
		madvise(data, size, MADV_HUGEPAGE);
#endif
	*chunk = (struct arena_chunk){ .size = size, .data = data };
	return chunk;
}

static void chunk_free(struct arena_chunk *chunk)
{
	free(chunk->data);
	free(chunk);
}

static size_t next_chunk_size(const struct arena *arena, size_t wanted)
{
	size_t size = arena->chunks ? arena->chunks->size : SMALLEST_CHUNK;

	if (arena->chunks && size <= SIZE_MAX / 4)
		size *= 2;
	return size < wanted ? wanted : size;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	if (size > SIZE_MAX / 4) {
		arena->failed = true;
		return NULL;
	}
	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (arena->most && (arena->used > arena->most || size > arena->most - arena->used)) {
		arena->failed = true;
		return NULL;
	}
	struct arena_chunk *chunk = arena->chunks;
	if (!chunk || chunk->size - chunk->used < size) {
		chunk = chunk_new(next_chunk_size(arena, size));
		if (!chunk) {
			arena->refused = size;
			arena->failed = true;
			return NULL;
		}
		chunk->next = arena->chunks;
		arena->chunks = chunk;
	}
	void *piece = chunk->data + chunk->used;
	chunk->used += size;
	arena->used += size;
	if (arena->used > arena->peak)
		arena->peak = arena->used;
	return piece;
}

void *arena_zeroed(struct arena *arena, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / 4 / size) {
		arena->failed = true;
		return NULL;
	}
	void *piece = arena_alloc(arena, count * size);
	if (piece)
		memset(piece, 0, count * size);
	return piece;
}

char *arena_string(struct arena *arena, const void *data, size_t size)
{
	char *copy = arena_alloc(arena, size + 1);

	if (copy) {
		if (size)
			memcpy(copy, data, size);
		copy[size] = 0;
	}
	return copy;
}

struct arena_mark arena_mark(const struct arena *arena)
{
	return (struct arena_mark){ arena->chunks, arena->chunks ? arena->chunks->used : 0, arena->used };
}

/* The bytes to keep may be in a chunk that is freed, so they are moved first. */
void *arena_rewind(struct arena *arena, const struct arena_mark *mark, const void *keep, size_t size)
{
	struct arena_chunk *newer = arena->chunks;
	void *place;

	arena->chunks = mark->chunk;
	arena->used = mark->used;
	if (mark->chunk)
		mark->chunk->used = mark->chunk_used;
	place = size ? arena_alloc(arena, size) : NULL;
	if (place && keep)
		memmove(place, keep, size);
	while (newer != mark->chunk) {
		struct arena_chunk *next = newer->next;
		chunk_free(newer);
		newer = next;
	}
	return place;
}

void arena_reset(struct arena *arena)
{
	if (arena->chunks && arena->chunks->next) {
		arena_free(arena);
		arena->chunks = chunk_new(arena->peak); /* NULL is an empty arena: the next alloc tries again */
	}
	if (arena->chunks)
		arena->chunks->used = 0;
	arena->used = 0;
	arena->failed = false;
}

void arena_free(struct arena *arena)
{
	while (arena->chunks) {
		struct arena_chunk *next = arena->chunks->next;
		chunk_free(arena->chunks);
		arena->chunks = next;
	}
	arena->used = 0;
}
