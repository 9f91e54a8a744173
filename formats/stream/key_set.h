/* Which keys were seen, and where: 24 bytes each in a table that is at most 7/8 full.
 *
 * Keys come from outside, and whoever chooses them can make two with the same XXH3.  So a key is remembered by 128 bits of SHA-256 over
 * a secret of the set and its bytes: without the secret two keys cannot be made to look like one or to fill one place of the
 * table, and among 10^12 keys that happens by chance once in 10^14 sets. */
#ifndef STREAM_KEY_SET_H
#define STREAM_KEY_SET_H

#include "core/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct key_set {
	struct key_slot *slots;
	size_t count, capacity;
	unsigned char secret[16]; /* once there is a slot */
};

/* XXH3-64, never 0: for orders and names that must be the same in each run.  Equal hashes are not equal keys. */
uint64_t key_hash(struct span key);

/* Remembers `where` for the key.  1: the key was there before, and *where becomes what was remembered then; 0: it was not there; -1: no
 * memory. */
int key_set_add(struct key_set *set, struct span key, uint64_t *where);

/* Is it there?  Then *where becomes what was remembered for it. */
bool key_set_find(const struct key_set *set, struct span key, uint64_t *where);

/* Another `where` for a key that is there. */
void key_set_change(struct key_set *set, struct span key, uint64_t where);
void key_set_clear(struct key_set *set); /* keeps the memory */
void key_set_free(struct key_set *set);

#endif
