/* A digest of 128 bits identifies a record.  The sum of digests identifies a set, whatever its order and sharding. */
#ifndef STREAM_DIGEST_H
#define STREAM_DIGEST_H

#include "core/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct digest {
	uint64_t high, low;
};

/* To and from 32 lower-case hexadecimal digits, high half first.  -1: not a digest. */
void digest_hex(struct digest digest, char hex[33]);
int digest_parse(struct digest *digest, struct span hex);
struct digest digest_sum(struct digest a, struct digest b); /* modulo 2^128 */
bool digest_equal(struct digest a, struct digest b);

#endif
