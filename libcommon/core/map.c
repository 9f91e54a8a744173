#define _DEFAULT_SOURCE /* getentropy */
#include "core/map.h"

#define XXH_INLINE_ALL
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

/* Open addressing, linear probing, at most half full.  A slot stores half of the hash, so that a miss seldom reads a key. */
struct map_slot {
	uint32_t hash;
	uint32_t number; /* of the key, plus 1; 0: empty */
};

struct map_key {
	size_t offset, size; /* in map->bytes */
};

enum { FEWEST_SLOTS = 64 };

/* A random seed for each map prevents keys chosen to collide. */
static uint64_t hash_of(const struct map *map, struct span key)
{
	return XXH3_64bits_withSeed(key.size ? key.data : (const unsigned char *)"", key.size, map->seed);
}

/* The slot of the key, or the empty slot where it belongs.  An empty slot always exists. */
static struct map_slot *find_slot(const struct map *map, struct span key, uint64_t hash)
{
	size_t mask = map->slot_count - 1;

	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		struct map_slot *slot = &map->slots[i];
		if (slot->number == 0)
			return slot;
		if (slot->hash == (uint32_t)(hash >> 32) && span_equal(map_key(map, slot->number - 1), key))
			return slot;
	}
}

int64_t map_find(const struct map *map, struct span key)
{
	if (map->count == 0)
		return MAP_NONE;
	return (int64_t)find_slot(map, key, hash_of(map, key))->number - 1;
}

struct span map_key(const struct map *map, size_t number)
{
	return span_of(map->bytes.data + map->keys[number].offset, map->keys[number].size);
}

static int grow_slots(struct map *map)
{
	size_t wanted = map->slot_count ? 2 * map->slot_count : FEWEST_SLOTS;
	struct map bigger = *map;

	if (!map->slot_count && getentropy(&bigger.seed, sizeof bigger.seed))
		return -1;
	bigger.slots = calloc(wanted, sizeof *bigger.slots);
	bigger.slot_count = wanted;
	if (!bigger.slots)
		return -1;
	for (size_t i = 0; i < map->count; i++) {
		uint64_t hash = hash_of(&bigger, map_key(map, i));
		struct map_slot *slot = find_slot(&bigger, map_key(map, i), hash);
		*slot = (struct map_slot){ .hash = (uint32_t)(hash >> 32), .number = (uint32_t)(i + 1) };
	}
	free(map->slots);
	*map = bigger;
	return 0;
}

static int grow_keys(struct map *map)
{
	size_t wanted = map->key_capacity ? 2 * map->key_capacity : FEWEST_SLOTS;
	struct map_key *keys = realloc(map->keys, wanted * sizeof *keys);

	if (!keys)
		return -1;
	map->keys = keys;
	map->key_capacity = wanted;
	return 0;
}

int64_t map_add(struct map *map, struct span key)
{
	uint64_t hash = hash_of(map, key);
	struct map_slot *slot = map->count ? find_slot(map, key, hash) : NULL;

	if (slot && slot->number)
		return (int64_t)slot->number - 1;
	if (map->count >= UINT32_MAX - 1 || (map->count == map->key_capacity && grow_keys(map)))
		return -1;
	if (2 * (map->count + 1) > map->slot_count) {
		if (grow_slots(map))
			return -1;
		hash = hash_of(map, key); /* the first slots also set the seed */
	}
	size_t offset = map->bytes.size;
	buf_append_span(&map->bytes, key);
	if (map->bytes.failed)
		return -1;
	slot = find_slot(map, key, hash);
	map->keys[map->count++] = (struct map_key){ .offset = offset, .size = key.size };
	*slot = (struct map_slot){ .hash = (uint32_t)(hash >> 32), .number = (uint32_t)map->count };
	return (int64_t)map->count - 1;
}

void map_free(struct map *map)
{
	free(map->slots);
	free(map->keys);
	buf_free(&map->bytes);
	*map = (struct map){ 0 };
}
