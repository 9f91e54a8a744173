#define _DEFAULT_SOURCE /* getentropy */
#include "formats/stream/key_set.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct key_id {
	uint64_t low, high;
};

struct key_slot {
	struct key_id id; /* low is 0: empty */
	uint64_t number;
};

enum { SMALLEST = 1024 };

uint64_t key_hash(struct span key)
{
	uint64_t hash = XXH3_64bits(key.size ? key.data : (const unsigned char *)"", key.size);

	return hash ? hash : 1;
}

_Static_assert(sizeof((struct key_set *)0)->secret >= XXH3_SECRET_SIZE_MIN, "XXH3 needs a longer secret");

static struct key_id id_of(const struct key_set *set, struct span key)
{
	const void *bytes = key.size ? key.data : (const unsigned char *)"";
	const XXH128_hash_t hash = XXH3_128bits_withSecret(bytes, key.size, set->secret, sizeof set->secret);

	return (struct key_id){ hash.low64 + (hash.low64 == 0), hash.high64 };
}

/* The slot of the id, or the free slot where it belongs.  The first slot tried is in proportion to the id, so any capacity will do. */
static struct key_slot *find(const struct key_set *set, struct key_id id)
{
	size_t at = (size_t)((id.low >> 32) * set->capacity >> 32);

	while (set->slots[at].id.low && (set->slots[at].id.low != id.low || set->slots[at].id.high != id.high))
		at = at + 1 < set->capacity ? at + 1 : 0;
	return &set->slots[at];
}

static int grow(struct key_set *set)
{
	struct key_set larger = *set;

	larger.capacity = set->capacity ? set->capacity / 2 * 3 : SMALLEST;
	if (larger.capacity > UINT32_MAX) /* the product in find would overflow */
		return -1;
	if (!set->slots && getentropy(larger.secret, sizeof larger.secret))
		return -1;
	larger.slots = calloc(larger.capacity, sizeof *larger.slots);
	if (!larger.slots)
		return -1;
	for (size_t i = 0; i < set->capacity; i++)
		if (set->slots[i].id.low)
			*find(&larger, set->slots[i].id) = set->slots[i];
	free(set->slots);
	*set = larger;
	return 0;
}

int key_set_add(struct key_set *set, struct span key, uint64_t *number)
{
	if (set->count >= set->capacity - set->capacity / 8 && grow(set))
		return -1;
	const struct key_id id = id_of(set, key);
	struct key_slot *slot = find(set, id);
	if (slot->id.low) {
		*number = slot->number;
		return 1;
	}
	*slot = (struct key_slot){ id, *number };
	set->count++;
	return 0;
}

bool key_set_find(const struct key_set *set, struct span key, uint64_t *number)
{
	const struct key_slot *slot = set->count ? find(set, id_of(set, key)) : NULL;

	if (slot && slot->id.low)
		*number = slot->number;
	return slot && slot->id.low;
}

void key_set_change(struct key_set *set, struct span key, uint64_t number)
{
	if (set->count)
		find(set, id_of(set, key))->number = number;
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
