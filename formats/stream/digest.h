/* 128 bits that stand for a record, and the sum of them that stands for a set, whatever its order and sharding. */
#ifndef STREAM_DIGEST_H
#define STREAM_DIGEST_H

#include "core/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct digest {
	uint64_t high, low;
};

/* 32 hexadecimal digits, high half first, and back (-1: not that). */
void digest_hex(struct digest digest, char hex[33]);
int digest_parse(struct digest *digest, struct span hex);
struct digest digest_sum(struct digest a, struct digest b); /* modulo 2^128 */
bool digest_equal(struct digest a, struct digest b);

#endif
