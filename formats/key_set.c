#include "formats/key_set.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct key_slot {
	uint64_t hash; /* 0: empty */
	uint64_t where;
};

enum { SMALLEST = 1024 };

uint64_t key_hash(struct span key)
{
	uint64_t hash = XXH3_64bits(key.size ? key.data : (const unsigned char *)"", key.size);

	return hash ? hash : 1;
}

/* The hash's place in proportion, so that any capacity will do; then the next free one. */
static struct key_slot *find(const struct key_set *set, uint64_t hash)
{
	size_t at = (size_t)((hash >> 32) * set->capacity >> 32);

	while (set->slots[at].hash && set->slots[at].hash != hash)
		at = at + 1 < set->capacity ? at + 1 : 0;
	return &set->slots[at];
}

static int grow(struct key_set *set)
{
	struct key_set larger = { .count = set->count, .capacity = set->capacity ? set->capacity / 2 * 3 : SMALLEST };

	if (larger.capacity > UINT32_MAX) /* find's product */
		return -1;
	larger.slots = calloc(larger.capacity, sizeof *larger.slots);
	if (!larger.slots)
		return -1;
	for (size_t i = 0; i < set->capacity; i++)
		if (set->slots[i].hash)
			*find(&larger, set->slots[i].hash) = set->slots[i];
	free(set->slots);
	*set = larger;
	return 0;
}

int key_set_add(struct key_set *set, uint64_t hash, uint64_t *where)
{
	if (set->count >= set->capacity - set->capacity / 8 && grow(set))
		return -1;
	struct key_slot *slot = find(set, hash);
	if (slot->hash) {
		*where = slot->where;
		return 1;
	}
	*slot = (struct key_slot){ hash, *where };
	set->count++;
	return 0;
}

bool key_set_find(const struct key_set *set, uint64_t hash, uint64_t *where)
{
	const struct key_slot *slot = set->count ? find(set, hash) : NULL;

	if (slot && slot->hash)
		*where = slot->where;
	return slot && slot->hash;
}

void key_set_clear(struct key_set *set)
{
	if (set->count)
		memset(set->slots, 0, set->capacity * sizeof *set->slots);
	set->count = 0;
}

void key_set_free(struct key_set *set)
{
	free(set->slots);
	*set = (struct key_set){ 0 };
}
