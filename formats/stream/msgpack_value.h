/* Headers, tails and other plain values, to and from msgpack. */
#ifndef STREAM_MSGPACK_VALUE_H
#define STREAM_MSGPACK_VALUE_H

#include "core/err.h"
#include "core/value.h"

#include <msgpack.h>

/* One whole value that msgpack_scan has passed.  The object lives in the zone and points into the bytes. */
int msgpack_parse(msgpack_object *object, struct span bytes, msgpack_zone *zone, struct err *err);

/* What a map holds under a key, or NULL. */
const msgpack_object *msgpack_get(const msgpack_object *map, const char *key);

bool msgpack_is_string(const msgpack_object *object);
struct span msgpack_string(const msgpack_object *object);

/* A packer that appends to a buf, which remembers its failure itself. */
void packer_init(msgpack_packer *packer, struct buf *out);
void pack_string(msgpack_packer *packer, struct span string);
void pack_bytes(msgpack_packer *packer, struct span bytes);

/* A value tree in the arena, its strings copied. */
int value_from_msgpack(struct value *value, const msgpack_object *object, struct arena *arena, struct err *err);
void value_to_msgpack(const struct value *value, struct buf *out);

#endif
