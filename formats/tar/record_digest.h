/* The digest of a record (formats/STREAM.md, section 8): XXH3-128 over the key and, sorted bytewise by name, the name and the contents of
 * each field (as in formats/tar/field_file.h), each preceded by its length as 64 bits, little-endian.
 * A record has the same digest in a stream and in a shard, whatever the order of its fields. */
#ifndef TAR_RECORD_DIGEST_H
#define TAR_RECORD_DIGEST_H

#include "core/record.h"
#include "formats/stream/digest.h"

/* -1: a field that cannot be stored in a file, or more than 1024 fields. */
int record_digest(const struct record *record, struct digest *digest, struct err *err);

enum { RECORD_SHA256 = 32 }; /* bytes */

/* SHA-256 over the same bytes. */
int record_sha256(const struct record *record, unsigned char digest[RECORD_SHA256], struct err *err);

/* The digest of a set: SHA-256 over the sorted SHA-256 digests of its records.  Two sets with the same digest would be a collision of SHA-256.
 * A sum of digests offers no such guarantee: anyone who can add records can reach any sum.  Sorts `digests` in place. */
void records_sha256(unsigned char *digests, size_t count, unsigned char digest[RECORD_SHA256]);

#endif
