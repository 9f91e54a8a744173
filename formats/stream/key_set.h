/* A set of keys with a number for each: 24 bytes per slot in a table that is at most 7/8 full.
 *
 * A key is stored as 128 bits of XXH3 under a random secret of the set.  Input may be hostile: without the secret it is impossible to choose keys
 * that collide or that fill one part of the table.  Among 10^12 keys two collide by chance once in 10^14 sets. */
#ifndef STREAM_KEY_SET_H
#define STREAM_KEY_SET_H

#include "core/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct key_set {
	struct key_slot *slots;
	size_t count, capacity;
	unsigned char secret[192]; /* random, set with the first slot */
};

/* XXH3-64 without a secret, never 0: for orders and names that must be the same in each run.  Different keys may have equal hashes. */
uint64_t key_hash(struct span key);

/* Adds the key, with its number from *number.  0: added; 1: the key is already in the set, and *number becomes its number; -1: out of memory. */
int key_set_add(struct key_set *set, struct span key, uint64_t *number);

/* Is the key in the set?  If so, *number becomes its number. */
bool key_set_find(const struct key_set *set, struct span key, uint64_t *number);

/* Changes the number of a key that is in the set. */
void key_set_change(struct key_set *set, struct span key, uint64_t number);
void key_set_clear(struct key_set *set); /* keeps the memory */
void key_set_free(struct key_set *set);

#endif
