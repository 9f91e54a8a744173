/* A hash map from byte strings to numbers 0, 1, 2, ... in the order in which they were added. */
#ifndef CORE_MAP_H
#define CORE_MAP_H

#include "core/buf.h"

#include <stddef.h>
#include <stdint.h>

enum { MAP_NONE = -1 };

/* Zero-initialised is empty.  map_find and map_key are thread-safe while no thread adds. */
struct map {
	size_t count;
	struct map_slot *slots;
	struct map_key *keys;
	struct buf bytes;
	size_t slot_count, key_capacity;
	uint64_t seed;
};

/* The number of the key, or MAP_NONE. */
int64_t map_find(const struct map *map, struct span key);

/* The number of the key.  A new key is copied and gets the next number (the old map->count).  -1: out of memory, or 2^32 - 1 keys. */
int64_t map_add(struct map *map, struct span key);

/* The key with this number.  Borrowed until the next map_add. */
struct span map_key(const struct map *map, size_t number);
void map_free(struct map *map); /* leaves an empty one */

#endif
