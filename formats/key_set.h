/* Which keys were seen, and where: 16 bytes each in a table that is at most 7/8 full.  A key is its 64-bit hash: among a million
 * keys two different ones meet once in 37 million sets. */
#ifndef FORMATS_KEY_SET_H
#define FORMATS_KEY_SET_H

#include "core/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct key_set {
	struct key_slot *slots;
	size_t count, capacity;
};

uint64_t key_hash(struct span key);

/* Remembers `where` for the key.  1: it was there before, and *where is now what was said of it then; 0: it was not; -1: no memory. */
int key_set_add(struct key_set *set, uint64_t hash, uint64_t *where);

/* Is it there?  Then *where is what was said of it. */
bool key_set_find(const struct key_set *set, uint64_t hash, uint64_t *where);
void key_set_clear(struct key_set *set); /* keeps the memory */
void key_set_free(struct key_set *set);

#endif
