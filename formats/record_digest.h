/* The digest of one record: XXH3-128 over the key and then, in the bytewise order of their names, each field's name and its content
 * as a tar holds it (formats/field_file.h); before each of them its length as 8 bytes, low byte first.
 * A record has the same digest in a stream and in a shard, whatever the order of its fields. */
#ifndef FORMATS_RECORD_DIGEST_H
#define FORMATS_RECORD_DIGEST_H

#include "core/record.h"
#include "formats/digest.h"

/* -1: a field that no file can hold, or more than 1024 of them. */
int record_digest(const struct record *record, struct digest *digest, struct err *err);

#endif
