/* The digest of one record: XXH3-128 over the key and then, in the bytewise order of their names, each field's name and its content
 * as a tar holds it (formats/tar/field_file.h); before each of them its length as 8 bytes, low byte first.
 * A record has the same digest in a stream and in a shard, whatever the order of its fields. */
#ifndef TAR_RECORD_DIGEST_H
#define TAR_RECORD_DIGEST_H

#include "core/record.h"
#include "formats/stream/digest.h"

/* -1: a field that no file can hold, or more than 1024 of them. */
int record_digest(const struct record *record, struct digest *digest, struct err *err);

enum { RECORD_SHA256 = 32 }; /* bytes */

/* SHA-256 over the same bytes. */
int record_sha256(const struct record *record, unsigned char digest[RECORD_SHA256], struct err *err);

/* Of a set: SHA-256 over the SHA-256 of its records, sorted bytewise, one after the other.  Two sets with one digest are a collision of
 * SHA-256, which a sum of digests is not: enough records of somebody's choice make any sum.  Sorts `digests` in place. */
void records_sha256(unsigned char *digests, size_t count, unsigned char digest[RECORD_SHA256]);

#endif
